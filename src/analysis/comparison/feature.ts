import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { comparisonRoutes } from './routes'

export const comparison: Feature<ResultServices> = {
  name: 'comparison',
  routes: (services) => [comparisonRoutes(services)],
}
