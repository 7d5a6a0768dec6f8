// All kinds of writers: how each writes, and how what it wrote is read back. Between them they send every request that
// changes something; durability.test.ts holds them against the API's own description.

import { environments, verifyEnvironments } from './environments'
import { archives, largeArchive, largeLine, largeResults, lines, results, xunit } from './imports'
import { jobs, largeJob, olderActivities, tests, verifyJobs } from './jobs'
import { groups } from './resultsdb'
import type { Kind } from './steps'
import { sessions, users, verifyUsers } from './users'

export const kinds: Record<string, Kind> = {
  jobs: { writers: 10, write: jobs, verify: verifyJobs },
  'tests of shared jobs': { writers: 10, write: tests, verify: verifyJobs },
  'older activities': { writers: 2, write: olderActivities, verify: verifyJobs },
  NDJSON: { writers: 8, write: lines, verify: verifyJobs },
  'results.json': { writers: 8, write: results, verify: verifyJobs },
  xUnit: { writers: 2, write: xunit, verify: verifyJobs },
  archives: { writers: 6, write: archives, verify: verifyJobs },
  ResultsDB: { writers: 6, write: groups, verify: verifyJobs },
  environments: { writers: 4, write: environments, verify: verifyEnvironments },
  users: { writers: 3, write: users, verify: verifyUsers },
  sessions: { writers: 1, write: sessions, verify: verifyUsers },
  'large jobs': { writers: 1, write: largeJob, verify: verifyJobs },
  'large lines of NDJSON': { writers: 1, write: largeLine, verify: verifyJobs },
  'large results.json': { writers: 1, write: largeResults, verify: verifyJobs },
  'large archives': { writers: 1, write: largeArchive, verify: verifyJobs },
}
