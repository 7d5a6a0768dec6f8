// Reads the audit log, adds refused sign-ins, and deletes old entries.

import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Slice } from '../http/resource/pagination'
import { HOUR, type Microseconds } from '../lib/time'
import { defineQuery, defineWrite } from '../storage/database'
import {
  type Connection,
  dynamicQuery,
  greater,
  inTime,
  members,
  notIndexed,
  query,
  tables,
} from '../storage/query'
import type { Tables } from '../storage/schema'
import { type Action, insertEntry, NO_NAME } from './log'

export type EntryRow = Selectable<Tables['audit']>

/** Refused sign-ins as one user from one address. Plain data, because the writer's worker gets it as JSON. */
export interface FailedLogin {
  object: string
  address: string
  at: Microseconds
  until: Microseconds
  times: number
}

/** Refused sign-ins beyond the limit share one entry. */
export const OVERFLOW = { object: 'some user', address: NO_NAME }

/** Entries match all conditions that are given. */
export interface EntryFilter {
  user?: string
  action?: Action[]
  address?: string
  time_after?: Microseconds
  time_before?: Microseconds
}

/** Refused sign-ins with the same name and address share an entry for this long, in microseconds. */
const MERGE_WINDOW = HOUR
/** Entries about refused sign-ins in that time. Further ones share one more entry. */
const MAX_FAILED_LOGINS = 1000
/** The log keeps no more entries than this, whatever their age: some 25 MB, scanned in a tenth of a second. */
const MAX_ENTRIES = 250_000
/** Entries that one transaction deletes at most. */
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
    .set({ times: sql`times + ${param('times')}`, until: greater('until', param('until')) })
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

/** An upper bound of the number of entries, without counting them. */
export async function maxEntryCount(connection: Connection): Promise<number> {
  return (await connection.first(highestId, {}))?.id ?? 0
}

/** The newest first. */
export function listEntries(connection: Connection, filter: EntryFilter, slice: Slice): Promise<EntryRow[]> {
  const list = dynamicQuery<Slice>('listEntries')((param) => {
    let list = tables.selectFrom('audit').selectAll()
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    return list.orderBy('id', 'desc').limit(param('limit')).offset(param('offset'))
  })
  return connection.all(list, slice)
}

/** All of them, the newest first. */
export const allEntries = defineQuery('allEntries', (connection, filter: EntryFilter) =>
  listEntries(connection, filter, { limit: Number.MAX_SAFE_INTEGER, offset: 0 }),
)

export async function countEntries(connection: Connection, filter: EntryFilter): Promise<number> {
  const counted = dynamicQuery('countEntries')(() => {
    let list = tables.selectFrom('audit').select((column) => column.fn.countAll<number>().as('count'))
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    return list
  })
  return (await connection.first(counted, {}))?.count ?? 0
}

function* conditionsOf(filter: EntryFilter): Generator<RawBuilder<boolean>> {
  // What the user did, refused sign-ins with the name, and what was done to the user.
  if (filter.user !== undefined)
    yield sql`(name = ${filter.user} OR object = ${`user ${filter.user}`} OR ${isTokenOf(filter.user)})`
  // With the index on action, the query would sort all its entries instead of stopping after a page.
  if (filter.action) yield sql`${notIndexed('action')} IN ${members(filter.action)}`
  if (filter.address !== undefined) yield sql`address = ${filter.address}`
  if (filter.time_after !== undefined) yield sql`until >= ${filter.time_after}`
  if (filter.time_before !== undefined) yield sql`at < ${filter.time_before}`
  if (Object.values(filter).some((part) => part !== undefined)) yield inTime
}

/** Whether the object is `token NUMBER of USER`. Not by LIKE: engines differ in whether case matters to it. */
function isTokenOf(user: string) {
  const end = ` of ${user}`
  const length = sql.lit([...end].length)
  return sql`(substr(object, 1, 6) = 'token ' AND substr(object, length(object) - ${length} + 1) = ${end})`
}

/** Writes refused sign-ins. If the last hour has an entry with the same name and address, they are added to it. */
export const addFailedLogins = defineWrite(
  'addFailedLogins',
  async (connection, { failedLogins }: { failedLogins: FailedLogin[] }) => {
    for (const some of failedLogins) {
      const after = some.at - MERGE_WINDOW
      const isFull = ((await connection.first(countFailedLogins, { after }))?.count ?? 0) >= MAX_FAILED_LOGINS
      const same = await connection.first(failedLoginSince, { ...some, after })
      const rest = isFull && !same ? { ...some, ...OVERFLOW } : some
      const entry = same ?? (await connection.first(failedLoginSince, { ...rest, after }))
      if (entry) {
        await connection.run(addTimes, { ...entry, times: some.times, until: some.until })
        connection.markChanged('audit', entry.id)
      } else {
        const nobody = { user: null, name: NO_NAME, action: 'sign-in-refused', detail: '' } as const
        const id = await connection.insert(insertEntry, { ...rest, ...nobody })
        connection.markChanged('audit', id)
      }
    }
  },
)

/** Deletes entries from before `before`, and those beyond the limit. @returns true when none of them is left. */
export const deleteOldEntries = defineWrite(
  'deleteOldEntries',
  async (connection, { before }: { before: Microseconds }): Promise<boolean> => {
    const { changes: old } = await connection.run(deleteOld, { before, limit: MAX_DELETED })
    const { changes: more } = await connection.run(deleteExcess, { keep: MAX_ENTRIES, limit: MAX_DELETED })
    if (old + more > 0) connection.markChanged('audit', 'any')
    return old < MAX_DELETED && more < MAX_DELETED
  },
)
