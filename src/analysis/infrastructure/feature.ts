import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { hostListRoutes, jobVerdictRoutes } from './routes'

/** Which jobs are the fault of the lab. series/ runs the background that finds out. */
export const infrastructure: Feature<ResultServices> = {
  name: 'infrastructure',
  routes: (services) => [jobVerdictRoutes(services), hostListRoutes(services)],
}
