// Comments and claims in the wire format.

import { formatTime } from '../../lib/time'
import type { ClaimRow } from './claims'
import type { CommentRow } from './comments'
import { type ClaimItem, type ClaimState, type CommentItem, linksIn } from './model'
import type { ThingKind } from './things'

type About = Pick<CommentRow, 'kind' | 'target' | 'job' | 'user' | 'username'>

function aboutOf({ kind, target, job, user: id, username }: About) {
  const of = (name: ThingKind) => (kind === name ? target : null)
  return {
    kind: kind as ThingKind,
    job,
    test: of('failure'),
    regression: of('regression'),
    cluster: of('cluster'),
    user: { id, username },
  }
}

export function toComment(row: CommentRow): CommentItem {
  return {
    id: row.id,
    ...aboutOf(row),
    time: formatTime(row.createdAt),
    changed: row.changedAt === null ? null : formatTime(row.changedAt),
    text: row.text,
    links: linksIn(row.text),
    known_issue: row.knownIssue,
  }
}

export function toClaim(row: ClaimRow): ClaimItem {
  return {
    id: row.id,
    ...aboutOf(row),
    time: formatTime(row.createdAt),
    state: row.state as ClaimState,
    text: row.text,
  }
}
