// What a writer sends, request after request, and what of it must be seen afterwards.

import type { Client, Reply } from '../client'
import type { Change, Note } from '../facts'

export interface Step {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** Text and bytes go as they are, anything else as JSON. */
  body?: unknown
  /** Headers that say who sends it, in place of the administrator's. */
  as?: Record<string, string>
  /** Each is seen, for itself, whole or not at all; all of them when the request is acknowledged. */
  changes: Change[]
}

/** A generator of requests gets the answer to each, which is one of success: else nobody asks it for the next. */
export type Story = Generator<Step, void, Reply>

/** What writers write between two starts of the server. */
export interface Round {
  /** In the name of all that they write, and of nothing that was written in another round. */
  word: string
  /** Jobs that are there already, and that many write to at once. */
  shared: string[]
  /** Passwords, tokens and cookies as headers, by the fact that they are good. */
  secrets: Map<string, Record<string, string>>
  /** When it began and ended, by the clock of the machine. */
  since: Date
  until?: Date
}

/** One story of a writer. */
export interface Turn {
  /** Of this turn alone, with the word of the round at its beginning: 16 characters at most. */
  id: string
  /** What it made, it deletes at the end. */
  deletes: boolean
  /** One of the shared jobs. */
  shared: string
  round: Round
}

export interface Kind {
  /** How many of the 64. */
  writers: number
  write(turn: Turn): Story
  /** Notes all that is stored of what the writers of this kind, and of those with the same `verify`, wrote in a round. */
  verify(client: Client, round: Round, note: Note): Promise<void>
}

export const post = (path: string, body: unknown, ...changes: Change[]): Step => ({
  method: 'POST',
  path,
  body,
  changes,
})

export const put = (path: string, body: unknown, ...changes: Change[]): Step => ({
  method: 'PUT',
  path,
  body,
  changes,
})

export const patch = (path: string, body: unknown, ...changes: Change[]): Step => ({
  method: 'PATCH',
  path,
  body,
  changes,
})

export const remove = (path: string, ...changes: Change[]): Step => ({ method: 'DELETE', path, changes })

/** The path of what a POST added. */
export function placeOf({ headers }: Reply): string {
  return new URL(headers.get('location') ?? '').pathname
}
