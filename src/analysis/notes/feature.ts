import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { claimRoutes, commentRoutes } from './routes'

export const notes: Feature<ResultServices> = {
  name: 'notes',
  routes: (services) => [commentRoutes(services), claimRoutes(services)],
}
