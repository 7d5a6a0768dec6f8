// The state of a known issue, which depends on the time: one that nobody saw for a while is taken for resolved.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import type { IssueState } from './model'

/** What the state depends on, as it is stored. */
interface Life {
  expires: Microseconds | null
  incidents: number
  endsAt: Microseconds | null
  reopenedAt: Microseconds | null
}

export function stateOf({ expires, incidents, endsAt, reopenedAt }: Life, now: Microseconds): IssueState {
  if (expires !== null && expires <= now) return 'expired'
  if (incidents === 0 || endsAt === null) return 'open'
  if (endsAt <= now) return 'resolved?'
  return reopenedAt === null ? 'open' : 'regressed'
}

/** The same in SQL, for queries that read `known_issue`. */
export const stateAt = (now: Microseconds) => sql<IssueState>`CASE
  WHEN expires <= ${now} THEN 'expired'
  WHEN incidents = 0 OR ends_at IS NULL THEN 'open'
  WHEN ends_at <= ${now} THEN 'resolved?'
  WHEN reopened_at IS NULL THEN 'open'
  ELSE 'regressed' END`
