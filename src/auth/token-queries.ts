// Bearer tokens of users.

import { NotFound } from '../http/errors'
import type { Slice } from '../http/pagination'
import { defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
import type { Microseconds } from '../time'
import { findUser } from './queries'

export interface TokenRow {
  id: number
  label: string
  createdAt: Microseconds
  expiresAt: Microseconds | null
  lastUsedAt: Microseconds | null
}

const columns = [
  'token.id',
  'label',
  'token.created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
] as const

const userByToken = query<{ hash: Uint8Array; now: Microseconds }>()((param) =>
  tables
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.user')
    .select(['user.id', 'user.username', 'user.role', 'token.hash'])
    .select(['token.id as token', 'last_used_at as lastUsedAt'])
    .where('token.hash', '=', param('hash'))
    .where('user.disabled', '=', 0)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', param('now'))])),
)

const allTokens = query()(() =>
  tables
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.user')
    .select(columns)
    .select('username')
    .orderBy('token.id'),
)

const tokensOfUser = query<{ user: number } & Slice>()((param) =>
  tables
    .selectFrom('token')
    .select(columns)
    .where('user', '=', param('user'))
    .orderBy('id')
    .limit(param('limit'))
    .offset(param('offset')),
)

const countOfUser = query<{ user: number }>()((param) =>
  tables
    .selectFrom('token')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('user', '=', param('user')),
)

const tokenOfUser = query<{ user: number; id: number }>()((param) =>
  tables.selectFrom('token').select(columns).where('id', '=', param('id')).where('user', '=', param('user')),
)

const insertToken = query<{
  user: number
  label: string
  hash: Uint8Array
  now: Microseconds
  expires: Microseconds | null
}>()((param) =>
  tables.insertInto('token').values({
    user: param('user'),
    label: param('label'),
    hash: param('hash'),
    created_at: param('now'),
    expires_at: param('expires'),
  }),
)

const updateLastUsed = query<{ id: number; now: Microseconds }>()((param) =>
  tables
    .updateTable('token')
    .set({ last_used_at: param('now') })
    .where('id', '=', param('id')),
)

const deleteTokenById = query<{ id: number }>()((param) =>
  tables.deleteFrom('token').where('id', '=', param('id')),
)

/** Whose token this is, and the hash that was found; undefined when it is unknown, expired, or its user disabled. */
export function findTokenUser(connection: Connection, hash: Uint8Array, now: Microseconds) {
  return connection.first(userByToken, { hash, now })
}

/** The tokens of all users. */
export function listTokens(connection: Connection) {
  return connection.all(allTokens, {})
}

export const tokensOf = {
  count: (connection: Connection, user: number) => connection.first(countOfUser, { user })?.count ?? 0,
  list: (connection: Connection, user: number, slice: Slice): TokenRow[] =>
    connection.all(tokensOfUser, { user, ...slice }),
  /** @throws NotFound when this user has no such token. */
  get(connection: Connection, user: number, id: number): TokenRow {
    const row = connection.first(tokenOfUser, { user, id })
    if (!row) throw new NotFound()
    return row
  },
}

/** Keeps the hash of a token. @throws NotFound when there is no such user. */
export const addToken = defineWrite(
  'addToken',
  (
    connection,
    token: {
      username: string
      label: string
      hash: Uint8Array
      now: Microseconds
      expires: Microseconds | null
    },
  ) => {
    const user = findUser(connection, token.username)
    if (!user) throw new NotFound()
    const { lastInsertRowid } = connection.run(insertToken, { ...token, user: user.id })
    return { id: lastInsertRowid }
  },
)

export const noteTokenUse = defineWrite(
  'noteTokenUse',
  (connection, use: { id: number; now: Microseconds }) => {
    connection.run(updateLastUsed, use)
  },
)

/** @throws NotFound when there is no such token. */
export const deleteToken = defineWrite('deleteToken', (connection, { id }: { id: number }) => {
  if (connection.run(deleteTokenById, { id }).changes === 0) throw new NotFound()
})
