// Reads and changes the sessions of signed-in browsers.

import { type Actor, record } from '../audit/log'
import type { Microseconds } from '../lib/time'
import { defineQuery, defineWrite } from '../storage/database'
import { type Connection, type Query, query, tables } from '../storage/query'

const sessionByHash = query<{ hash: Uint8Array; now: Microseconds }>()((param) =>
  tables
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.user')
    .select(['session.id as session', 'user.id', 'user.username', 'user.role'])
    .where('session.hash', '=', param('hash'))
    .where('session.expires_at', '>', param('now'))
    .where('user.disabled', '=', 0),
)

const userAsVerified = query<{ user: number; passwordHash: string }>()((param) =>
  tables
    .selectFrom('user')
    .select('id')
    .where('id', '=', param('user'))
    .where('password_hash', '=', param('passwordHash'))
    .where('disabled', '=', 0),
)

const insertSession = query<{ user: number; hash: Uint8Array; now: Microseconds; expires: Microseconds }>()(
  (param) =>
    tables.insertInto('session').values({
      user: param('user'),
      hash: param('hash'),
      created_at: param('now'),
      expires_at: param('expires'),
    }),
)

const deleteExpired = query<{ now: Microseconds }>()((param) =>
  tables.deleteFrom('session').where('expires_at', '<=', param('now')).returning('id'),
)

const deleteByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.deleteFrom('session').where('hash', '=', param('hash')).returning('id'),
)

const deleteOfUser = query<{ user: number; keep: number }>()((param) =>
  tables
    .deleteFrom('session')
    .where('user', '=', param('user'))
    .where('id', '!=', param('keep'))
    .returning('id'),
)

/** The user and the id of a session; undefined when it is unknown or expired, or its user is disabled. */
export const findSessionUser = defineQuery(
  'findSessionUser',
  (connection, session: { hash: Uint8Array; now: Microseconds }) => connection.first(sessionByHash, session),
)

/** @param keep  the id of the session that stays; 0: none. */
export async function endSessions(connection: Connection, user: number, keep = 0): Promise<void> {
  await remove(connection, deleteOfUser, { user, keep })
}

/** @returns how many sessions ended. */
async function remove<P>(
  connection: Connection,
  deletion: Query<P, { id: number }>,
  parameters: P,
): Promise<number> {
  const ended = await connection.all(deletion, parameters)
  for (const { id } of ended) connection.markChanged('session', id)
  return ended.length
}

export interface NewSession {
  user: number
  /** The stored hash that the password matched. A new password may have been set during that check. */
  passwordHash: string
  hash: Uint8Array
  expires: Microseconds
  actor: Actor
  /** The hash of the browser's former session. */
  replaced: Uint8Array | null
}

/** Adds a session and deletes expired ones. @returns false when the password has changed or the user is disabled. */
export const addSession = defineWrite(
  'addSession',
  async (connection, session: NewSession): Promise<boolean> => {
    const { actor } = session
    await remove(connection, deleteExpired, { now: actor.at })
    if (session.replaced) await remove(connection, deleteByHash, { hash: session.replaced })
    if (!(await connection.first(userAsVerified, session))) return false
    const id = await connection.insert(insertSession, { ...session, now: actor.at })
    connection.markChanged('session', id)
    await record(connection, actor, 'signed-in', `user ${actor.name}`)
    return true
  },
  { hasBytes: true },
)

export const deleteSession = defineWrite(
  'deleteSession',
  async (connection, { actor, ...session }: { hash: Uint8Array; actor: Actor }) => {
    if ((await remove(connection, deleteByHash, session)) === 0) return
    await record(connection, actor, 'signed-out', `user ${actor.name}`)
  },
  { hasBytes: true },
)
