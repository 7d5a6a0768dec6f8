import type { Feature } from '../../http/feature'
import type { ServerParts } from '../../http/services'
import { runScheduledBackups } from './scheduled'

export const backups: Feature<ServerParts> = {
  name: 'backups',
  tasks: [
    {
      name: 'scheduled-backups',
      atStart: true,
      failure: 'no backup was made',
      run: runScheduledBackups,
      mustEnd: true, // or half a backup would stay
    },
  ],
}
