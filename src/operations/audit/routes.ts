// The route of /audit/: who did what, for administrators.

import { Elysia } from 'elysia'
import { entryFilters, entryItem } from '../../audit/model'
import { authentication } from '../../auth/plugin'
import type { AuthServices } from '../../auth/services'
import { describe } from '../../http/openapi/documentation'
import { parametersOf } from '../../http/request/query'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { pageOfEntries } from './answers'

export function auditRoutes(services: AuthServices) {
  const { database, config } = services
  const failedLogins = services.failedLogins
  return new Elysia({ name: 'audit', tags: ['Users'] }).use(authentication(services)).get(
    '/audit/',
    async ({ request }) => {
      await failedLogins.write()
      return answer(database, pageOfEntries, request, { zone: config.zone })
    },
    {
      administrator: true,
      detail: describe({
        summary: 'List who did what, the newest first',
        description:
          'Sign-ins, changes to users and tokens, deletions. Refused sign-ins of one hour, to the same user from the same address, are one entry.',
        reply: pageOf(entryItem),
        parameters: [...parametersOf(entryFilters), ...pageParameters],
        errors: [400, 404],
        administers: true,
      }),
    },
  )
}
