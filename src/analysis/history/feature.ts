import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { historyRoutes } from './routes'

export const history: Feature<ResultServices> = {
  name: 'history',
  routes: (services) => [historyRoutes(services)],
}
