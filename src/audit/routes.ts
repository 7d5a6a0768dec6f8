// /audit/: who did what, for administrators.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { describe } from '../http/documentation'
import { pageOf, pageParameters, paginate } from '../http/pagination'
import { parametersOf, readQuery } from '../http/query'
import { entryFilters, entryItem, toEntry } from './model'
import { countEntries, listEntries } from './queries'
import { Refusals } from './refusals'

export function auditRoutes(context: Context) {
  const { database, config } = context
  const refusals = Refusals.of(context)
  return new Elysia({ name: 'audit', tags: ['Users'] }).use(authentication(context)).get(
    '/audit/',
    async ({ request }) => {
      const filter = readQuery(entryFilters, request, config)
      await refusals.write()
      return database.read((connection) =>
        paginate(request, countEntries(connection, filter), (slice) =>
          listEntries(connection, filter, slice).map(toEntry),
        ),
      )
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
