import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { verdictRoutes } from './routes'

export const verdict: Feature<ResultServices> = {
  name: 'verdict',
  routes: (services) => [verdictRoutes(services)],
}
