import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { environmentRoutes } from './routes'
import { sweepHiddenEnvironments } from './writing'

export const environments: Feature<ResultServices> = {
  name: 'environments',
  routes: (services) => [environmentRoutes(services)],
  prepare: sweepHiddenEnvironments,
}
