// Reads and changes users.

import { type Actor, record } from '../audit/log'
import type { Slice } from '../http/resource/pagination'
import { Conflict, Forbidden, Invalid, NotFound } from '../lib/errors'
import type { Role } from '../lib/roles'
import type { Microseconds } from '../lib/time'
import { defineQuery, defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
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

export interface NewUser {
  username: string
  email: string
  role: Role
  hash: string | null
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

const anyAdministratorBut = query<{ id: number }>()((param) =>
  tables
    .selectFrom('user')
    .select('id')
    .where('role', '=', 'administrator')
    .where('disabled', '=', 0)
    .where('id', '!=', param('id'))
    .limit(1),
)

const insertUser = query<NewUser & { now: Microseconds }>()((param) =>
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

/** @returns undefined when no user has this name, or the user is disabled. */
export async function findUser(connection: Connection, username: string): Promise<User | undefined> {
  const row = await findAnyUser(connection, username)
  return row?.disabled ? undefined : row
}

/** Finds disabled users, too. */
export function findAnyUser(connection: Connection, username: string): Promise<UserRow | undefined> {
  return connection.first(userByName, { username })
}

export const findUserQuery = defineQuery('findUser', findUser)
export const findAnyUserQuery = defineQuery('findAnyUser', findAnyUser)

/** Finds disabled users, too. @throws NotFound when there is no such user. */
export async function getUser(connection: Connection, id: number): Promise<UserRow> {
  const row = await connection.first(userById, { id })
  if (!row) throw new NotFound()
  return row
}

export const getUserQuery = defineQuery('getUser', getUser)

export const listUsers = defineQuery(
  'listUsers',
  (connection, slice: Slice): Promise<UserRow[]> => connection.all(userPage, slice),
)

export async function countUsers(connection: Connection): Promise<number> {
  return (await connection.first(userCount, {}))?.count ?? 0
}

export const hasUsers = defineQuery(
  'hasUsers',
  async (connection) => (await connection.first(anyUser, {})) !== undefined,
)

/** @throws Invalid when the name is taken. */
export const addUser = defineWrite(
  'addUser',
  async (connection, { actor, ...user }: NewUser & { actor: Actor }) => {
    if (await findAnyUser(connection, user.username))
      throw new Invalid({ username: 'This field must be unique.' })
    const id = await connection.insert(insertUser, { ...user, now: actor.at })
    connection.markChanged('user', id)
    await record(connection, actor, 'user-added', objectOf(user), user.role)
    return { id }
  },
)

/** Changes a password and ends the user's sessions except `keep`. @throws NotFound when there is no such user. */
export const setPassword = defineWrite(
  'setPassword',
  async (
    connection,
    {
      username,
      hash,
      keep,
      actor,
    }: { username: string; hash: string; keep?: number | undefined; actor: Actor },
  ) => {
    const user = await findAnyUser(connection, username)
    if (!user) throw new NotFound()
    await connection.run(updateUser, { ...user, passwordHash: hash })
    connection.markChanged('user', user.id)
    await endSessions(connection, user.id, keep)
    await record(connection, actor, 'password-changed', objectOf(user))
  },
)

export interface UserChange {
  email?: string
  role?: Role
  disabled?: boolean
  hash?: string
}

/**
 * Changes a user. Administrators cannot demote or disable themselves, and the last one stays.
 *
 * @param actor  an administrator, or somebody at the server's machine.
 * @throws NotFound, Conflict; Forbidden when the actor has been disabled or demoted meanwhile.
 */
export const changeUser = defineWrite(
  'changeUser',
  async (connection, { id, actor, value }: { id: number; actor: Actor; value: UserChange }) => {
    const user = await getUser(connection, id)
    const { email = user.email, role = user.role, hash } = value
    const disabled = value.disabled ?? user.disabled === 1
    const isAdministrator = !disabled && role === 'administrator'
    if (actor.user !== null) {
      const administrator = await getUser(connection, actor.user)
      if (administrator.disabled || administrator.role !== 'administrator') throw new Forbidden()
      if (id === actor.user && !isAdministrator) {
        throw new Conflict('You cannot disable yourself or give up your role: another administrator can.')
      }
    }
    const wasAdministrator = !user.disabled && user.role === 'administrator'
    if (wasAdministrator && !isAdministrator && !(await connection.first(anyAdministratorBut, { id }))) {
      throw new Conflict(`${user.username} is the last administrator: make another user one before.`)
    }
    const passwordHash = hash ?? user.passwordHash
    await connection.run(updateUser, { id, email, role, disabled: Number(disabled), passwordHash })
    connection.markChanged('user', id)
    if (disabled || hash !== undefined) await endSessions(connection, id)
    const changes = [
      ...(email === user.email ? [] : ['email']),
      ...(role === user.role ? [] : [`role ${user.role} -> ${role}`]),
      ...(Number(disabled) === user.disabled ? [] : [disabled ? 'disabled' : 'enabled']),
    ]
    if (changes.length > 0)
      await record(connection, actor, 'user-changed', objectOf(user), changes.join(', '))
    if (hash !== undefined) await record(connection, actor, 'password-changed', objectOf(user))
  },
)

function objectOf({ username }: Pick<User, 'username'>): string {
  return `user ${username}`
}
