// When a user last looked at the triage page.

import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { query, tables } from '../../storage/query'

const lookedAt = query<{ user: number }>()((param) =>
  tables.selectFrom('user').select('looked_at as lookedAt').where('id', '=', param('user')),
)
const setLookedAt = query<{ user: number; time: Microseconds | null }>()((param) =>
  tables
    .updateTable('user')
    .set({ looked_at: param('time') as never })
    .where('id', '=', param('user')),
)

/** @returns null: never. */
export const readLookedAt = defineQuery(
  'readLookedAt',
  async (connection, user: number): Promise<Microseconds | null> =>
    (await connection.first(lookedAt, { user }))?.lookedAt ?? null,
)

/** Notes that a user has seen everything up to `time`; null: nothing. */
export const markLooked = defineWrite(
  'markLooked',
  async (connection, { user, time }: { user: number; time: Microseconds | null }) => {
    await connection.run(setLookedAt, { user, time })
    connection.markChanged('user', user)
  },
)
