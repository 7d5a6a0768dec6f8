import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { dataRoutes } from './routes'

export const data: Feature<ResultServices> = {
  name: 'data',
  routes: (services) => [dataRoutes(services)],
}
