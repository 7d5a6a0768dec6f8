import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { regressionRoutes } from './routes'

export const regressions: Feature<ResultServices> = {
  name: 'regressions',
  routes: (services) => [regressionRoutes(services)],
}
