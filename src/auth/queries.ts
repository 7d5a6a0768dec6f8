// Users.

import { Conflict, Forbidden, Invalid, NotFound } from '../http/errors'
import type { Slice } from '../http/pagination'
import { defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
import type { Microseconds } from '../time'
import type { Role } from './roles'
import { endSessions } from './session-queries'

export interface User {
  id: number
  username: string
  role: Role
  /** argon2id; null: no usable password yet. */
  passwordHash: string | null
}

export interface UserRow extends User {
  email: string
  disabled: number
  createdAt: Microseconds
}

interface NewUser {
  username: string
  email: string
  role: Role
  hash: string | null
  now: Microseconds
}

const columns = [
  'id',
  'username',
  'email',
  'role',
  'disabled',
  'password_hash as passwordHash',
  'created_at as createdAt',
] as const

const userByName = query<{ username: string }>()((param) =>
  tables.selectFrom('user').select(columns).where('username', '=', param('username')),
)

const userById = query<{ id: number }>()((param) =>
  tables.selectFrom('user').select(columns).where('id', '=', param('id')),
)

const userPage = query<Slice>()((param) =>
  tables.selectFrom('user').select(columns).orderBy('id').limit(param('limit')).offset(param('offset')),
)

const userCount = query()(() =>
  tables.selectFrom('user').select((column) => column.fn.countAll<number>().as('count')),
)

const anyUser = query()(() => tables.selectFrom('user').select('id').limit(1))

const insertUser = query<NewUser>()((param) =>
  tables.insertInto('user').values({
    username: param('username'),
    email: param('email'),
    password_hash: param('hash'),
    role: param('role'),
    created_at: param('now'),
  }),
)

const updateUser = query<Pick<UserRow, 'id' | 'email' | 'role' | 'disabled' | 'passwordHash'>>()((param) =>
  tables
    .updateTable('user')
    .set({
      email: param('email'),
      role: param('role'),
      disabled: param('disabled'),
      password_hash: param('passwordHash'),
    })
    .where('id', '=', param('id')),
)

/** @returns undefined when there is none of this name, or it is disabled. */
export function findUser(connection: Connection, username: string): User | undefined {
  const row = connection.first(userByName, { username })
  return row?.disabled ? undefined : row
}

/** Disabled ones, too. @throws NotFound when there is no such user. */
export function getUser(connection: Connection, id: number): UserRow {
  const row = connection.first(userById, { id })
  if (!row) throw new NotFound()
  return row
}

export function listUsers(connection: Connection, slice: Slice): UserRow[] {
  return connection.all(userPage, slice)
}

export function countUsers(connection: Connection): number {
  return connection.first(userCount, {})?.count ?? 0
}

export function hasUsers(connection: Connection): boolean {
  return connection.first(anyUser, {}) !== undefined
}

/** Adds an administrator. @throws Conflict when the name is taken. */
export const addAdministrator = defineWrite('addAdministrator', (connection, user: Omit<NewUser, 'role'>) => {
  if (connection.first(userByName, user)) throw new Conflict(`A user named ${user.username} exists already.`)
  connection.run(insertUser, { ...user, role: 'administrator' })
})

/** @throws Invalid when the name is taken. */
export const addUser = defineWrite('addUser', (connection, user: NewUser) => {
  if (connection.first(userByName, user)) throw new Invalid({ username: 'This field must be unique.' })
  return { id: connection.run(insertUser, user).lastInsertRowid }
})

/** Changes a password and ends the user's sessions, but for `keep`. @throws NotFound when there is no such user. */
export const setPassword = defineWrite(
  'setPassword',
  (connection, { username, hash, keep }: { username: string; hash: string; keep?: number | undefined }) => {
    const user = connection.first(userByName, { username })
    if (!user) throw new NotFound()
    connection.run(updateUser, { ...user, passwordHash: hash })
    endSessions(connection, user.id, keep)
  },
)

export interface UserChange {
  email?: string
  role?: Role
  disabled?: boolean
  hash?: string
}

/**
 * What the administrator `by` changes about a user. Nobody takes the rights of an administrator from himself, and so
 * one is always left.
 *
 * @throws NotFound, Conflict; Forbidden when `by` has been disabled or demoted meanwhile, perhaps by this very user.
 */
export const changeUser = defineWrite(
  'changeUser',
  (connection, { id, by, value }: { id: number; by: number; value: UserChange }) => {
    const user = getUser(connection, id)
    const administrator = getUser(connection, by)
    if (administrator.disabled || administrator.role !== 'administrator') throw new Forbidden()
    const { email = user.email, role = user.role, hash } = value
    const disabled = value.disabled ?? user.disabled === 1
    if (id === by && (disabled || role !== 'administrator')) {
      throw new Conflict('You cannot disable yourself or give up your role: another administrator can.')
    }
    const passwordHash = hash ?? user.passwordHash
    connection.run(updateUser, { id, email, role, disabled: Number(disabled), passwordHash })
    if (disabled || hash !== undefined) endSessions(connection, id)
  },
)
