// Marks for a whole job: what is derived from the runs of its tests has to be made anew.

import { sql } from 'kysely'
import { nextChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { rightTimeOf } from './ran-at'

const mark = query<{ job: number }>()((param) =>
  tables
    .insertInto('stale_job')
    .values({ job: param('job'), testcase: 0 })
    .onConflict((conflict) => conflict.column('job').doUpdateSet({ testcase: sql.lit(0) })),
)

/** Marks the tests of a job alone. */
export async function markTestsStale(connection: Connection, job: number): Promise<void> {
  await connection.run(mark, { job })
}

/**
 * Marks all tests of a visible job. A write that moves them calls it: one that shows the job, or changes its host,
 * branch, environment or distro. A write that adds or changes single tests uses connection.markStale().
 *
 * The background then marks the testcases a thousand at a time. See analysis/series/.
 */
export async function markStaleJob(connection: Connection, job: number): Promise<void> {
  await markTestsStale(connection, job)
  await markVerdictPlace(connection, job)
}

const placeOfVerdict = query<{ job: number }>()((param) =>
  tables
    .insertInto('stale_verdict')
    .columns(['host', 'time', 'change'])
    .expression(
      tables
        .selectFrom('job')
        .select([
          sql<number>`coalesce(host, 0)`.as('host'),
          rightTimeOf(sql`time`, sql`received_at`).as('time'),
          nextChange.as('change'),
        ])
        .where('number', '=', param('job'))
        .where('ended_at', 'is not', null),
    )
    .onConflict((conflict) =>
      conflict.columns(['host', 'time']).doUpdateSet({ change: sql`excluded.change` }),
    ),
)

/**
 * Marks the place of a job that is over: the verdicts on jobs around it may change. See analysis/infrastructure/. A write
 * that changes the tests of such a job calls it, besides those that call markStaleJob() or leavePlace().
 */
export async function markVerdictPlace(connection: Connection, job: number): Promise<void> {
  await connection.run(placeOfVerdict, { job })
}

const leave = query<{ job: number }>()((param) =>
  tables
    .insertInto('stale_place')
    .columns(['host', 'time'])
    .expression(
      tables
        .selectFrom('job')
        .select(['host', 'time'])
        .where('number', '=', param('job'))
        .where('host', 'is not', null)
        .where('environment', 'is not', null)
        .$castTo<{ host: number; time: number }>(),
    )
    .onConflict((conflict) => conflict.doNothing()),
)

/**
 * Notes that a job is about to leave its place among the jobs of its host: it is hidden, or gets another host or time.
 * Jobs beside it that have no environment may have its distro: see analysis/series/distros.ts.
 */
export async function leavePlace(connection: Connection, job: number): Promise<void> {
  await markVerdictPlace(connection, job)
  await connection.run(leave, { job })
}
