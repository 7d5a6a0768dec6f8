import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { knownIssueRoutes } from './routes'

/** What the background does for them is part of the analysis of runs: see series/refresh.ts. */
export const knownIssues: Feature<ResultServices> = {
  name: 'known-issues',
  routes: (services) => [knownIssueRoutes(services)],
}
