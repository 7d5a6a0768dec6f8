// The outcome of runs of which only the columns are at hand.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../../storage/query'
import { reportedStatuses } from '../../storage/seed-data'
import { type Outcome, outcomeOf } from '../runs/outcome'

const INTERRUPTED = reportedStatuses.find(({ name }) => name === 'INTERRUPTED')?.id
/** The part of a reason that is looked at, in characters. */
const LOOKED_AT = 1000

const beginningOfReason = query<{ reason: number }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .select(sql<string>`substr(text, 1, ${sql.lit(LOOKED_AT)})`.as('text'))
    .where('id', '=', param('reason')),
)

/** @param run  `reason`: the id of its fail reason. Only the outcome of an interrupted test depends on its text. */
export async function outcomeOfRow(
  connection: Connection,
  {
    status,
    reported_status,
    reason,
  }: { status: number | null; reported_status: number | null; reason: number | null },
): Promise<Outcome> {
  const isAsked = reported_status === INTERRUPTED && reason !== null
  const text = isAsked ? (await connection.first(beginningOfReason, { reason }))?.text : undefined
  return outcomeOf({ status, reported_status, reason: text ?? null })
}
