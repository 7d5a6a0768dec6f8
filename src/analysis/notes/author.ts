// Who may change a claim or a comment: its author, and administrators.

import type { Actor } from '../../audit/log'
import { Forbidden } from '../../lib/errors'

/** Who is signed in: claims and comments have an author. */
export interface Author extends Actor {
  user: number
  isAdministrator: boolean
}

/** @throws Forbidden */
export function requireAuthor(author: Author, { user, username }: { user: number; username: string }): void {
  if (author.isAdministrator || author.user === user) return
  throw new Forbidden(`This is of ${username}: only ${username} or an administrator may change it.`)
}
