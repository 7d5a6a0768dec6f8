import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { searchRoutes } from './routes'

export const search: Feature<ResultServices> = {
  name: 'search',
  routes: (services) => [searchRoutes(services)],
}
