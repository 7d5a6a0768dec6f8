import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { triageRoutes } from './routes'

export const triage: Feature<ResultServices> = {
  name: 'triage',
  routes: (services) => [triageRoutes(services)],
}
