// Known issues that comments make: the link of a comment on a failure is carried over to later failures of the same test
// for the same reason.

import type { Actor } from '../../audit/log'
import type { Microseconds } from '../../lib/time'
import { type Connection, query, tables } from '../../storage/query'
import { hideKnownIssue, insertKnownIssue, requireRoom } from './changes'
import { NEW } from './columns'

const MAX_SUBJECT = 255

const relink = query<{ id: number; link: string; subject: string; now: Microseconds; user: number | null }>()(
  (param) =>
    tables
      .updateTable('known_issue')
      .set({
        report_url: param('link'),
        report_subject: param('subject'),
        changed_at: param('now'),
        changed_by: param('user') as never,
      })
      .where('id', '=', param('id'))
      .where('deleted', '=', 0),
)

/** The failure that a comment is about. Plain values: a write gets it. */
export interface CarriedFailure {
  testcase: number
  time: Microseconds
  /** null: it has no reason. */
  template: string | null
}

interface Carried {
  /** The known issue so far; null: there is none. */
  id: number | null
  /** undefined: the comment has none. */
  link: string | undefined
  text: string
  /** It is matched, and later ones. undefined: the comment is about something else. */
  failure: CarriedFailure | undefined
  author: Actor
}

/**
 * Makes, changes or ends the known issue of a comment. For a write.
 *
 * @returns its id; null: there is none any more.
 * @throws Conflict when there are too many.
 */
export async function changeCarried(
  connection: Connection,
  { id, link, text, failure, author }: Carried,
): Promise<number | null> {
  if (link === undefined || !failure) {
    if (id !== null) await hideKnownIssue(connection, id)
    return null
  }
  const subject = (text.split('\n')[0] ?? '').slice(0, MAX_SUBJECT).toWellFormed()
  if (id !== null) {
    const { changes } = await connection.run(relink, { id, link, subject, now: author.at, user: author.user })
    connection.markChanged('known-issue', id)
    if (changes > 0) return id
  }
  await requireRoom(connection, 1)
  const columns = { ...NEW, template: failure.template, reportUrl: link, reportSubject: subject }
  return insertKnownIssue(connection, columns, author, failure)
}
