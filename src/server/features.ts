// Every feature of a server, one line each, in the order of the documentation.

import { clusters } from '../analysis/clusters/feature'
import { comparison } from '../analysis/comparison/feature'
import { flaky } from '../analysis/flaky/feature'
import { history } from '../analysis/history/feature'
import { infrastructure } from '../analysis/infrastructure/feature'
import { knownIssues } from '../analysis/known-issues/feature'
import { matrix } from '../analysis/matrix/feature'
import { notes } from '../analysis/notes/feature'
import { regressions } from '../analysis/regressions/feature'
import { search } from '../analysis/search/feature'
import { series } from '../analysis/series/feature'
import { statistics } from '../analysis/statistics/feature'
import { triage } from '../analysis/triage/feature'
import { verdict } from '../analysis/verdict/feature'
import { auth } from '../auth/feature'
import { dashboard } from '../dashboard/feature'
import { events } from '../events/feature'
import type { Feature } from '../http/feature'
import { httpMetrics } from '../http/metrics'
import { imports } from '../ingest/feature'
import { resultsdb } from '../ingest/protocols/resultsdb/feature'
import type { Metric } from '../lib/metrics'
import { audit } from '../operations/audit/feature'
import { backups } from '../operations/backups/feature'
import { monitoring } from '../operations/monitoring/feature'
import { activities } from '../results/activities/feature'
import { data } from '../results/data/feature'
import { environments } from '../results/environments/feature'
import { files } from '../results/files/feature'
import { jobs } from '../results/jobs/feature'
import { removeTest } from '../results/jobs/writing'
import { hosts } from '../results/labels/feature'
import { labels } from '../results/scope/feature'
import { statuses } from '../results/statuses/feature'
import { tests } from '../results/tests/feature'
import { storageMetrics } from '../storage/metrics'
import { root } from './root'
import type { Services } from './services'

/** A feature that needs something from a higher layer, or from all features, gets it here as an argument. */
export const features: readonly Feature<Services>[] = [
  { name: 'storage', metrics: storageMetrics },
  { name: 'http', metrics: httpMetrics },
  root,
  auth,
  audit,
  statuses,
  environments,
  labels,
  hosts,
  jobs,
  tests(removeTest),
  activities,
  data,
  files,
  search,
  statistics,
  history,
  flaky,
  clusters,
  regressions,
  knownIssues,
  notes,
  series,
  triage,
  comparison,
  matrix,
  verdict,
  infrastructure,
  imports,
  resultsdb,
  events,
  backups,
  monitoring(allMetrics),
  dashboard,
]

function allMetrics(services: Services): Metric[] {
  return features.flatMap((feature) => feature.metrics?.(services) ?? [])
}
