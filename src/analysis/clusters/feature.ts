import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { clusterRoutes } from './routes'

export const clusters: Feature<ResultServices> = {
  name: 'clusters',
  routes: (services) => [clusterRoutes(services)],
}
