import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { statusRoutes } from './routes'

export const statuses: Feature<ResultServices> = {
  name: 'statuses',
  routes: (services) => [statusRoutes(services)],
}
