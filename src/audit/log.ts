// Adds entries to the audit log, in the transaction of the change itself. No entry holds a password, a token or a body.

import { addressOf } from '../http/request/client-address'
import type { Identity } from '../lib/identity'
import type { Microseconds } from '../lib/time'
import { type Connection, query, tables } from '../storage/query'

/** The actions, each with its meaning. */
export const actions = {
  'signed-in': 'Began a session in a browser',
  'sign-in-refused': 'Came with a wrong password, or with the name of nobody',
  'signed-out': 'Ended a session',
  'password-changed': 'Set a password',
  'user-added': 'Added a user',
  'user-changed': 'Changed a user: address, role, disabled or enabled',
  'token-made': 'Made a token',
  'token-revoked': 'Ended a token',
  'host-renamed': 'Renamed a host',
  'verdict-set': 'Said whether the failures of a job are the fault of the lab',
  'verdict-taken-back': 'Took back what somebody had said of a job',
  claimed: 'Said that somebody looks into a failure, or that it is a false alarm',
  released: 'Released a claim',
  commented: 'Commented on a failure',
  'comment-changed': 'Changed a comment',
  'comment-erased': 'Erased a comment',
  'known-issue-added': 'Added a known issue',
  'known-issue-changed': 'Changed a known issue',
  'known-issue-deleted': 'Deleted a known issue',
  'known-issues-imported': 'Imported known issues',
  deleted: 'Deleted a job or something of one, or something that jobs share',
} as const

export type Action = keyof typeof actions

/** Who does something, from where, and when. Plain data, because the writer's worker gets it as JSON. */
export interface Actor {
  user: number | null
  /** The name of the user; `-`: an anonymous sender, with --open. */
  name: string
  address: string
  at: Microseconds
}

export const NO_NAME = '-'

/** The actor of a request. */
export function actorOf(request: Request, user: Identity | undefined, at: Microseconds): Actor {
  return { user: user?.id ?? null, name: user?.username ?? NO_NAME, address: addressOf(request), at }
}

/** The actor of a command. Somebody at the server's machine needs no user. */
export function commandLineActor(at: Microseconds): Actor {
  return { user: null, name: 'command line', address: '-', at }
}

export interface NewEntry extends Actor {
  until: Microseconds
  times: number
  action: Action
  object: string
  detail: string
}

export const insertEntry = query<NewEntry>()((param) =>
  tables.insertInto('audit').values({
    at: param('at'),
    until: param('until'),
    times: param('times'),
    user: param('user'),
    name: param('name'),
    address: param('address'),
    action: param('action'),
    object: param('object'),
    detail: param('detail'),
  }),
)

/**
 * Adds an entry to the log.
 *
 * @param object  what the action was done to, such as `job a1b2c3`.
 */
export async function record(
  connection: Connection,
  actor: Actor,
  action: Action,
  object: string,
  detail = '',
): Promise<void> {
  const entry = { ...actor, until: actor.at, times: 1, action, object, detail }
  connection.markChanged('audit', await connection.insert(insertEntry, entry))
}
