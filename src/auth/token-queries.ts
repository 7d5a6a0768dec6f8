// Reads and changes the bearer tokens of users.

import { type Actor, record } from '../audit/log'
import type { Slice } from '../http/resource/pagination'
import { Invalid, NotFound } from '../lib/errors'
import { isAtMost, lesserOf, type Role } from '../lib/roles'
import type { Microseconds } from '../lib/time'
import { defineQuery, defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
import { findUser } from './queries'

export interface TokenRow {
  id: number
  label: string
  /** The role that the token was made with. It has no more rights than its user: see toToken(). */
  role: Role
  userRole: Role
  createdAt: Microseconds
  expiresAt: Microseconds | null
  lastUsedAt: Microseconds | null
}

const columns = [
  'token.id',
  'label',
  'token.role',
  'user.role as userRole',
  'token.created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
] as const

const userByToken = query<{ hash: Uint8Array }>()((param) =>
  tables
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.user')
    .select(['user.id', 'user.username', 'user.role as userRole', 'token.hash'])
    .select(['token.id as token', 'token.role', 'expires_at as expiresAt', 'last_used_at as lastUsedAt'])
    .where('token.hash', '=', param('hash'))
    .where('user.disabled', '=', 0),
)

const tokensWithUsers = tables.selectFrom('token').innerJoin('user', 'user.id', 'token.user').select(columns)

const allTokens = query()(() => tokensWithUsers.select('username').orderBy('token.id'))

const tokensOfUser = query<{ user: number } & Slice>()((param) =>
  tokensWithUsers
    .where('user', '=', param('user'))
    .orderBy('token.id')
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
  tokensWithUsers.where('token.id', '=', param('id')).where('user', '=', param('user')),
)

const ownerOfToken = query<{ id: number }>()((param) =>
  tokensWithUsers.select('username').where('token.id', '=', param('id')),
)

const insertToken = query<{
  user: number
  label: string
  hash: Uint8Array
  role: Role
  now: Microseconds
  expires: Microseconds | null
}>()((param) =>
  tables.insertInto('token').values({
    user: param('user'),
    label: param('label'),
    hash: param('hash'),
    role: param('role'),
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

/**
 * The user of a token, with the token's current role and its stored hash; undefined when the token is unknown or its
 * user is disabled.
 */
export const findTokenUser = defineQuery('findTokenUser', async (connection, hash: Uint8Array) => {
  const found = await connection.first(userByToken, { hash })
  if (!found) return undefined
  const { userRole, role, ...rest } = found
  return { ...rest, role: lesserOf(role, userRole) }
})

export type TokenUser = NonNullable<Awaited<ReturnType<typeof findTokenUser.run>>>

/** The tokens of all users. */
export const listAllTokens = defineQuery('listAllTokens', (connection) => connection.all(allTokens, {}))

export async function countTokens(connection: Connection, user: number): Promise<number> {
  return (await connection.first(countOfUser, { user }))?.count ?? 0
}

export function listTokens(connection: Connection, page: { user: number } & Slice): Promise<TokenRow[]> {
  return connection.all(tokensOfUser, page)
}

/** @throws NotFound when this user has no such token. */
export const getToken = defineQuery(
  'getToken',
  async (connection, token: { user: number; id: number }): Promise<TokenRow> => {
    const row = await connection.first(tokenOfUser, token)
    if (!row) throw new NotFound()
    return row
  },
)

/**
 * Stores the hash of a token.
 *
 * @param role  default: the role of the user.
 * @throws NotFound when there is no such user; Invalid when the user has a lesser role.
 */
export const addToken = defineWrite(
  'addToken',
  async (
    connection,
    token: {
      username: string
      label: string
      hash: Uint8Array
      role?: Role | undefined
      expires: Microseconds | null
      actor: Actor
    },
  ) => {
    const user = await findUser(connection, token.username)
    if (!user) throw new NotFound()
    const { role = user.role, actor } = token
    if (!isAtMost(role, user.role)) {
      throw new Invalid({ role: `A token of ${user.username} is ${user.role} at most, as the user is.` })
    }
    const id = await connection.insert(insertToken, {
      ...token,
      user: user.id,
      role,
      now: actor.at,
    })
    connection.markChanged('token', id)
    await record(connection, actor, 'token-made', `token ${id} of ${user.username}`, role)
    return { id }
  },
  { hasBytes: true },
)

export const recordTokenUse = defineWrite(
  'recordTokenUse',
  async (connection, use: { id: number; now: Microseconds }) => {
    await connection.run(updateLastUsed, use)
    connection.markChanged('token', use.id)
  },
)

/** @throws NotFound when there is no such token. */
export const deleteToken = defineWrite(
  'deleteToken',
  async (connection, { id, actor }: { id: number; actor: Actor }) => {
    const token = await connection.first(ownerOfToken, { id })
    if (!token) throw new NotFound()
    await connection.run(deleteTokenById, { id })
    connection.markChanged('token', id)
    await record(connection, actor, 'token-revoked', `token ${id} of ${token.username}`)
  },
)
