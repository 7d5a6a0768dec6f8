import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { labelRoutes } from './routes'

export const labels: Feature<ResultServices> = {
  name: 'labels',
  routes: (services) => [labelRoutes(services)],
}
