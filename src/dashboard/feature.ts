// The dashboard as a feature of the server.

import type { Feature } from '../http/feature'
import { dashboardRoutes } from './routes'

export const dashboard: Feature<unknown> = {
  name: 'dashboard',
  routes: () => [dashboardRoutes()],
}
