import type { Feature } from '../http/feature'
import { counter } from '../lib/metrics'
import type { AuthServices } from './services'
import { sessionRoutes } from './session-routes'
import { tokenRoutes } from './token-routes'
import { userRoutes } from './user-routes'

export const auth: Feature<AuthServices> = {
  name: 'auth',
  routes: (services) => [sessionRoutes(services), userRoutes(services), tokenRoutes(services)],
  metrics: ({ credentials }) => [
    counter(
      {
        name: 'avocado_refused_logins_total',
        help: 'Requests with a wrong password or token, or refused after too many wrong passwords.',
        labels: ['reason'],
      },
      () => Object.entries(credentials.refused).map(([reason, count]) => [{ reason }, count]),
    ),
  ],
  flush: ({ failedLogins }) => failedLogins.write(),
}
