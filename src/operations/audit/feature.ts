import { deleteOldEntries } from '../../audit/queries'
import type { AuthServices } from '../../auth/services'
import type { Feature } from '../../http/feature'
import { DAY } from '../../lib/time'
import { auditRoutes } from './routes'

const HOUR_MS = 3_600_000

export const audit: Feature<AuthServices> = {
  name: 'audit',
  routes: (services) => [auditRoutes(services)],
  tasks: [
    {
      name: 'shorten-audit-log',
      atStart: true,
      everyMs: HOUR_MS,
      failure: 'the audit log was not shortened',
      async run({ database, clock }, { auditDays }, stop) {
        const before = clock() - auditDays * DAY
        // One commit removes a limited number of entries.
        while (!stop.aborted && !(await database.write(deleteOldEntries, { before })));
      },
    },
  ],
}
