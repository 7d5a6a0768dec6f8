// /audit/: who did what, for administrators.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { describe } from '../http/documentation'
import { answer } from '../http/long-answers'
import { pageOf, pageParameters } from '../http/pagination'
import { parametersOf } from '../http/query'
import { pageOfEntries } from './answers'
import { entryFilters, entryItem } from './model'
import { Refusals } from './refusals'

export function auditRoutes(context: Context) {
  const { database, config } = context
  const refusals = Refusals.of(context)
  return new Elysia({ name: 'audit', tags: ['Users'] }).use(authentication(context)).get(
    '/audit/',
    async ({ request }) => {
      await refusals.write()
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
