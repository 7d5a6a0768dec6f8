// Users and their tokens.

import { Conflict, NotFound } from '../http/errors'
import { defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
import type { Microseconds } from '../time'

export interface User {
  id: number
  username: string
  /** argon2id; null: no usable password yet. */
  passwordHash: string | null
}

const userColumns = ['id', 'username', 'password_hash as passwordHash'] as const

const userByName = query<{ username: string }>()((param) =>
  tables
    .selectFrom('user')
    .select(userColumns)
    .where('username', '=', param('username'))
    .where('disabled', '=', 0),
)

/** By a disabled user, too. */
const nameTaken = query<{ username: string }>()((param) =>
  tables.selectFrom('user').select('id').where('username', '=', param('username')),
)

const userByToken = query<{ hash: Uint8Array; now: Microseconds }>()((param) =>
  tables
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.user')
    .select(['user.id', 'user.username', 'token.hash'])
    .where('token.hash', '=', param('hash'))
    .where('user.disabled', '=', 0)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', param('now'))])),
)

const anyUser = query()(() => tables.selectFrom('user').select('id').limit(1))

const insertUser = query<{ username: string; email: string; hash: string | null; now: Microseconds }>()(
  (param) =>
    tables.insertInto('user').values({
      username: param('username'),
      email: param('email'),
      password_hash: param('hash'),
      role: 'administrator',
      created_at: param('now'),
    }),
)

const updatePassword = query<{ username: string; hash: string }>()((param) =>
  tables
    .updateTable('user')
    .set({ password_hash: param('hash') })
    .where('username', '=', param('username')),
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

const allTokens = query()(() =>
  tables
    .selectFrom('token')
    .innerJoin('user', 'user.id', 'token.user')
    .select(['token.id', 'username', 'label', 'token.created_at as createdAt', 'expires_at as expiresAt'])
    .orderBy('token.id'),
)

const deleteTokenById = query<{ id: number }>()((param) =>
  tables.deleteFrom('token').where('id', '=', param('id')),
)

export function findUser(connection: Connection, username: string): User | undefined {
  return connection.first(userByName, { username })
}

/** Whose token this is, and the hash that was found; undefined when it is unknown, expired, or its user disabled. */
export function findTokenUser(connection: Connection, hash: Uint8Array, now: Microseconds) {
  return connection.first(userByToken, { hash, now })
}

export function hasUsers(connection: Connection): boolean {
  return connection.first(anyUser, {}) !== undefined
}

export function listTokens(connection: Connection) {
  return connection.all(allTokens, {})
}

/** Adds an administrator. @throws Conflict when the name is taken. */
export const addAdministrator = defineWrite(
  'addAdministrator',
  (connection, user: { username: string; email: string; hash: string | null; now: Microseconds }) => {
    if (connection.first(nameTaken, user)) throw new Conflict(`A user named ${user.username} exists already.`)
    connection.run(insertUser, user)
  },
)

/** @throws NotFound when there is no such user. */
export const setPassword = defineWrite(
  'setPassword',
  (connection, user: { username: string; hash: string }) => {
    if (connection.run(updatePassword, user).changes === 0) throw new NotFound()
  },
)

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

/** @throws NotFound when there is no such token. */
export const deleteToken = defineWrite('deleteToken', (connection, { id }: { id: number }) => {
  if (connection.run(deleteTokenById, { id }).changes === 0) throw new NotFound()
})
