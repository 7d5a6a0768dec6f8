import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { activityRoutes } from './routes'

export const activities: Feature<ResultServices> = {
  name: 'activities',
  routes: (services) => [activityRoutes(services)],
}
