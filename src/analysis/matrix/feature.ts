import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { matrixRoutes } from './routes'

export const matrix: Feature<ResultServices> = {
  name: 'matrix',
  routes: (services) => [matrixRoutes(services)],
}
