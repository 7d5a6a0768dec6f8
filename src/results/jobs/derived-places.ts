// Checks and repairs where jobs ran: host and branch by their labels and reports, the environment by their tests.

import { type Derivation, describeJob, keysThatDiffer } from './derivation'

const labelOf = (key: string) =>
  `(SELECT value FROM job_label WHERE job_label.job = job.number AND job_label.key = '${key}')`

/** As identifiesHost() in labels/hosts.ts. */
const identifies =
  "substr(name, 1, 9) <> 'localhost' AND name <> '(none)' AND NOT (length(name) = 12 AND trim(name, '0123456789abcdef') = '')"
const expectedPlaces = `
  SELECT number, CASE WHEN ${identifies} THEN name END AS host, branch FROM (
    SELECT job.number, coalesce(${labelOf('host')}, reported_host) AS name, ${labelOf('branch')} AS branch
    FROM job WHERE complete = 1)`
const storedPlaces = `
  SELECT job.number, host.name AS host, branch.name AS branch FROM job
  LEFT JOIN host ON host.id = job.host LEFT JOIN branch ON branch.id = job.branch WHERE job.complete = 1`
const misplaced = keysThatDiffer(expectedPlaces, storedPlaces, 'number')
const addNames = (table: 'host' | 'branch') =>
  `INSERT INTO ${table} (name) SELECT DISTINCT ${table} FROM (${expectedPlaces})
   WHERE ${table} IS NOT NULL AND ${table} NOT IN (SELECT name FROM ${table})`
const idOf = (table: 'host' | 'branch') => `(SELECT id FROM ${table} WHERE name = expected.${table})`

const expectedEnvironments = `
  SELECT job.number, CASE WHEN lowest = highest THEN lowest END AS environment,
    CASE WHEN lowest IS NULL THEN 0 WHEN lowest = highest THEN 1 ELSE 2 END AS source
  FROM job LEFT JOIN (
    SELECT job, min(environment) AS lowest, max(environment) AS highest FROM test
    WHERE environment IS NOT NULL GROUP BY job
  ) AS named ON named.job = job.number
  WHERE job.complete = 1 AND job.environment_source <> 3`
const wrongEnvironments = keysThatDiffer(
  expectedEnvironments,
  `SELECT number, environment, environment_source AS source FROM job WHERE complete = 1 AND environment_source <> 3`,
  'number',
)

const markStale = (jobs: string) =>
  `INSERT INTO stale_job (job, testcase) SELECT number, 0 FROM (${jobs}) WHERE true
   ON CONFLICT DO UPDATE SET testcase = 0`

export const placeDerivations: Derivation[] = [
  {
    what: 'jobs whose host or branch is not that of their labels and reports',
    inconsistent: misplaced,
    describeKey: describeJob,
    rebuild: [
      addNames('host'),
      addNames('branch'),
      markStale(misplaced),
      `UPDATE job SET host = ${idOf('host')}, branch = ${idOf('branch')} FROM (${expectedPlaces}) AS expected
       WHERE expected.number = job.number
         AND (job.host IS DISTINCT FROM ${idOf('host')} OR job.branch IS DISTINCT FROM ${idOf('branch')})`,
    ],
  },
  {
    what: 'jobs whose environment is not that of their tests',
    inconsistent: wrongEnvironments,
    describeKey: describeJob,
    rebuild: [
      markStale(wrongEnvironments),
      `UPDATE job SET environment = expected.environment, environment_source = expected.source
       FROM (${expectedEnvironments}) AS expected WHERE expected.number = job.number`,
    ],
  },
]
