// Queries that take long, fail, or end their worker.

import { sql } from 'kysely'
import { NotFound } from '../../../../src/lib/errors'
import { defineQuery } from '../../../../src/storage/database'
import { dynamicQuery, inTime, tables } from '../../../../src/storage/query'

const counted = dynamicQuery<{ rows: number }>('countUp')((param) =>
  tables
    .selectNoFrom(
      sql<number>`(WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count
        WHERE n < ${param('rows')} AND ${inTime}) SELECT max(n) FROM count)`.as('rows'),
    )
    .select(sql<number>`(SELECT count(*) FROM user)`.as('users')),
)

/** Some million rows a second, and a snapshot of the database for as long. */
export const countUp = defineQuery(
  'countUp',
  async (connection, { rows }: { rows: number }) => (await connection.first(counted, { rows }))?.rows,
)

export const findNothing = defineQuery('findNothing', async (): Promise<void> => {
  throw new NotFound()
})

/** Its thread ends without an answer. */
export const breakDown = defineQuery('breakDown', async (): Promise<void> => {
  process.exit()
})
