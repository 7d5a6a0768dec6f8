import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { renameHosts } from './rename'
import { hostRoutes } from './routes'

const MINUTE_MS = 60_000

export const hosts: Feature<ResultServices> = {
  name: 'hosts',
  routes: (services) => [hostRoutes(services)],
  tasks: [
    {
      name: 'rename-hosts',
      atStart: true,
      everyMs: MINUTE_MS,
      failure: 'hosts were not renamed',
      run: ({ database }, _, stop) => renameHosts(database, stop),
    },
  ],
}
