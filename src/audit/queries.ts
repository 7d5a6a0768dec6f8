// The audit log in SQL: the newest first, narrowed, and what is too old taken away.

import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Slice } from '../http/resource/pagination'
import type { Microseconds } from '../lib/time'
import { defineWrite } from '../storage/database'
import { type Connection, composed, query, tables } from '../storage/query'
import type { Tables } from '../storage/schema'
import { inTime } from '../storage/sqlite/time-limit'
import { type Action, insertEntry, NO_NAME } from './log'

export type EntryRow = Selectable<Tables['audit']>

/** Sign-ins as one user that were refused to one address. Plain: it travels to the writer. */
export interface FailedLogin {
  object: string
  address: string
  at: Microseconds
  until: Microseconds
  times: number
}

/** What there is no room for is told in one. */
export const OVERFLOW = { object: 'some user', address: NO_NAME }

/** All that are given have to hold. */
export interface EntryFilter {
  user?: string
  action?: Action[]
  address?: string
  time_after?: Microseconds
  time_before?: Microseconds
}

/** How long refused sign-ins of the same name and address go into the same entry, in microseconds. */
const MERGE_WINDOW = 3600 * 1_000_000
/** Entries about refused sign-ins in that time; what is refused then is counted in one more. */
const MAX_FAILED_LOGINS = 1000
/** Entries that are kept, however young: some 25 MB, and looked through in a tenth of a second. */
const MAX_ENTRIES = 250_000
/** Entries that one transaction takes away at most. */
const MAX_DELETED = 5000

const failedLoginSince = query<{ after: Microseconds; object: string; address: string }>()((param) =>
  tables
    .selectFrom('audit')
    .select('id')
    .where('action', '=', 'sign-in-refused')
    .where('at', '>', param('after'))
    .where('object', '=', param('object'))
    .where('address', '=', param('address'))
    .orderBy('at', 'desc')
    .limit(1),
)
const countFailedLogins = query<{ after: Microseconds }>()((param) =>
  tables
    .selectFrom('audit')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('action', '=', 'sign-in-refused')
    .where('at', '>', param('after')),
)
const addTimes = query<{ id: number; times: number; until: Microseconds }>()((param) =>
  tables
    .updateTable('audit')
    .set({ times: sql`times + ${param('times')}`, until: sql`max(until, ${param('until')})` })
    .where('id', '=', param('id')),
)
const deleteOld = query<{ before: Microseconds; limit: number }>()((param) =>
  tables
    .deleteFrom('audit')
    .where('id', 'in', (where) =>
      where.selectFrom('audit').select('id').where('at', '<', param('before')).limit(param('limit')),
    ),
)
const deleteExcess = query<{ keep: number; limit: number }>()((param) =>
  tables.deleteFrom('audit').where('id', 'in', (where) =>
    where
      .selectFrom('audit')
      .select('id')
      .where('id', '<=', sql<number>`(SELECT max(id) FROM audit) - ${param('keep')}`)
      .limit(param('limit')),
  ),
)

const highestId = query()(() => tables.selectFrom('audit').select((column) => column.fn.max('id').as('id')))

/** More entries than this there cannot be. */
export function maxEntryCount(connection: Connection): number {
  return connection.first(highestId, {})?.id ?? 0
}

/** The newest first. */
export function listEntries(connection: Connection, filter: EntryFilter, slice: Slice): EntryRow[] {
  const list = composed<Slice>('listEntries')((param) => {
    let list = tables.selectFrom('audit').selectAll()
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    return list.orderBy('id', 'desc').limit(param('limit')).offset(param('offset'))
  })
  return connection.all(list, slice)
}

export function countEntries(connection: Connection, filter: EntryFilter): number {
  const counted = composed('countEntries')(() => {
    let list = tables.selectFrom('audit').select((column) => column.fn.countAll<number>().as('count'))
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    return list
  })
  return connection.first(counted, {})?.count ?? 0
}

function* conditionsOf(filter: EntryFilter): Generator<RawBuilder<boolean>> {
  // Whose name it is: also of those who could not sign in with it, and of what was done to that user.
  if (filter.user !== undefined)
    yield sql`(name = ${filter.user} OR object = ${`user ${filter.user}`} OR object LIKE ${`token % of ${escapeLike(filter.user)}`} ESCAPE '\\')`
  // A `+`: else SQLite would sort all of an action, where the list ends when a page is full.
  if (filter.action) yield sql`+action IN (SELECT value FROM json_each(${JSON.stringify(filter.action)}))`
  if (filter.address !== undefined) yield sql`address = ${filter.address}`
  if (filter.time_after !== undefined) yield sql`until >= ${filter.time_after}`
  if (filter.time_before !== undefined) yield sql`at < ${filter.time_before}`
  if (Object.values(filter).some((part) => part !== undefined)) yield inTime
}

/** For LIKE. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Writes refused sign-ins: into the entry of the same name and address, if there is one of the last hour. */
export const addFailedLogins = defineWrite(
  'addFailedLogins',
  (connection, { failedLogins }: { failedLogins: FailedLogin[] }) => {
    for (const some of failedLogins) {
      const after = some.at - MERGE_WINDOW
      const isFull = (connection.first(countFailedLogins, { after })?.count ?? 0) >= MAX_FAILED_LOGINS
      const same = connection.first(failedLoginSince, { ...some, after })
      const rest = isFull && !same ? { ...some, ...OVERFLOW } : some
      const entry = same ?? connection.first(failedLoginSince, { ...rest, after })
      if (entry) {
        connection.run(addTimes, { ...entry, times: some.times, until: some.until })
        connection.markChanged('audit', entry.id)
      } else {
        const nobody = { user: null, name: NO_NAME, action: 'sign-in-refused', detail: '' } as const
        const { lastInsertRowid } = connection.run(insertEntry, { ...rest, ...nobody })
        connection.markChanged('audit', lastInsertRowid)
      }
    }
  },
)

/** Takes away what is older than that, and what is too much. @returns whether that was all. */
export const deleteOldEntries = defineWrite(
  'deleteOldEntries',
  (connection, { before }: { before: Microseconds }): boolean => {
    const { changes: old } = connection.run(deleteOld, { before, limit: MAX_DELETED })
    const { changes: more } = connection.run(deleteExcess, { keep: MAX_ENTRIES, limit: MAX_DELETED })
    if (old + more > 0) connection.markChanged('audit', 'any')
    return old < MAX_DELETED && more < MAX_DELETED
  },
)
