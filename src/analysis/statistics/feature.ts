import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { statisticsRoutes } from './routes'

export const statistics: Feature<ResultServices> = {
  name: 'statistics',
  routes: (services) => [statisticsRoutes(services)],
}
