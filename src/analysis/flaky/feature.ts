import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { flakyRoutes } from './routes'

export const flaky: Feature<ResultServices> = {
  name: 'flaky',
  routes: (services) => [flakyRoutes(services)],
}
