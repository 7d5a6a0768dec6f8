// Reads and writes claims.

import { record } from '../../audit/log'
import type { Slice } from '../../http/resource/pagination'
import { Conflict, NotFound } from '../../lib/errors'
import { formatTime, type Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { type Author, requireAuthor } from './author'
import type { ClaimState } from './model'
import { type NotesOf, nameOfThing, type Thing, type ThingKind } from './things'

const claims = tables
  .selectFrom('claim')
  .innerJoin('user', 'user.id', 'claim.user')
  .leftJoin('test', 'test.id', 'claim.test')
  .leftJoin('job', 'job.number', 'test.job')
  .select([
    'claim.id',
    'claim.kind',
    'claim.target',
    'claim.text',
    'claim.created_at as createdAt',
    'claim.state',
  ])
  .select(['user.id as user', 'user.username', 'job.id as job'])

const claimById = query<{ id: number }>()((param) => claims.where('claim.id', '=', param('id')))
const allClaims = query<Slice>()((param) =>
  claims.orderBy('claim.id', 'desc').limit(param('limit')).offset(param('offset')),
)
const claimsOn = query<{ kind: ThingKind; targets: NumberList }>()((param) =>
  claims.where('claim.kind', '=', param('kind')).where(inList('claim.target', param('targets'))),
)
const highestId = query()(() => tables.selectFrom('claim').select((column) => column.fn.max('id').as('id')))
const countAll = query()(() =>
  tables.selectFrom('claim').select((column) => column.fn.countAll<number>().as('count')),
)

export type ClaimRow = NonNullable<Awaited<ReturnType<typeof findClaim>>>

function findClaim(connection: Connection, id: number) {
  return connection.first(claimById, { id })
}

/** @throws NotFound */
export async function getClaim(connection: Connection, id: number): Promise<ClaimRow> {
  const row = await findClaim(connection, id)
  if (!row) throw new NotFound()
  return row
}

/** A thing has one claim at most. */
export const claimsOf: NotesOf<ClaimRow> = {
  most: async (connection, thing) => (thing ? 1 : ((await connection.first(highestId, {}))?.id ?? 0)),
  count: async (connection, thing) =>
    thing
      ? (await claimsAbout(connection, thing.kind, [thing.target])).size
      : ((await connection.first(countAll, {}))?.count ?? 0),
  list: async (connection, thing, slice) =>
    thing
      ? [...(await claimsAbout(connection, thing.kind, [thing.target])).values()]
      : connection.all(allClaims, slice),
}

/** The claims on things of one kind, by their targets. */
export async function claimsAbout(
  connection: Connection,
  kind: ThingKind,
  ids: readonly number[],
): Promise<Map<number, ClaimRow>> {
  if (ids.length === 0) return new Map()
  const rows = await connection.all(claimsOn, { kind, targets: toNumberList(ids) })
  return new Map(rows.map((row) => [row.target, row]))
}

type NewClaim = Thing & {
  test: number | null
  user: number
  state: ClaimState
  text: string
  now: Microseconds
}
const insertClaim = query<NewClaim>()((param) =>
  tables.insertInto('claim').values({
    kind: param('kind'),
    target: param('target'),
    test: param('test') as never,
    user: param('user'),
    state: param('state'),
    text: param('text'),
    created_at: param('now'),
  }),
)
const updateClaim = query<{ id: number; state: ClaimState; text: string; now: Microseconds }>()((param) =>
  tables
    .updateTable('claim')
    .set({ state: param('state'), text: param('text'), created_at: param('now') })
    .where('id', '=', param('id')),
)
const removeClaim = query<{ id: number }>()((param) =>
  tables.deleteFrom('claim').where('id', '=', param('id')),
)

/**
 * Claims a thing. A claim that the same user has on it is replaced.
 *
 * @throws Conflict when somebody else has claimed it.
 */
export const claim = defineWrite(
  'claim',
  async (
    connection,
    { thing, state, text, author }: { thing: Thing; state: ClaimState; text: string; author: Author },
  ): Promise<{ id: number }> => {
    const before = (await claimsAbout(connection, thing.kind, [thing.target])).get(thing.target)
    if (before && before.user !== author.user) {
      const when = formatTime(before.createdAt)
      throw new Conflict(
        `${before.username} has claimed this at ${when}: ask ${before.username}, or an administrator, to release it first.`,
      )
    }
    const test = thing.kind === 'failure' ? thing.target : null
    const said = { state, text, now: author.at }
    const id =
      before?.id ?? (await connection.insert(insertClaim, { ...thing, ...said, test, user: author.user }))
    if (before) await connection.run(updateClaim, { id, ...said })
    connection.markChanged('claim', id)
    await record(connection, author, 'claimed', nameOfThing(thing), state)
    return { id }
  },
)

/** @throws NotFound, Forbidden */
export const releaseClaim = defineWrite(
  'releaseClaim',
  async (connection, { id, author }: { id: number; author: Author }): Promise<void> => {
    const before = await getClaim(connection, id)
    requireAuthor(author, before)
    await connection.run(removeClaim, { id })
    connection.markChanged('claim', id)
    await record(connection, author, 'released', nameOfThing(before as Thing), `claim of ${before.username}`)
  },
)
