// Adds to the counters of many jobs at once: one statement for the jobs, and one for each quarter of an hour.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import type { Connection } from '../../storage/query'
import { given, RowsQuery } from '../../storage/rows-query'
import {
  type CountedJob,
  type Counts,
  countedColumns,
  counters,
  followCounters,
  TestCounters,
} from './counters'
import { addToTotals, QUARTER } from './totals'

interface Addition extends Counts {
  job: number
  lastReportAt: Microseconds
}

const additions = new Map<string, RowsQuery<Addition, CountedJob>>()

/** As in TestCounters.save(), an UPDATE sets only the counters that change. */
function addToJobs(changed: readonly (keyof Counts)[]): RowsQuery<Addition, CountedJob> {
  const key = changed.join()
  let addition = additions.get(key)
  if (!addition) {
    addition = new RowsQuery('addToJobs', ['job', 'lastReportAt', ...changed], (rows) =>
      rows
        .updateTable('job')
        .from('given')
        .set({
          ...Object.fromEntries(
            changed.map((name) => [name, sql`${sql.ref(`job.${name}`)} + ${given(name)}`]),
          ),
          last_report_at: given('lastReportAt'),
        })
        .whereRef('job.number', '=', 'given.job')
        .returning(countedColumns.map((name) => `job.${name}` as const))
        .$castTo<CountedJob>(),
    )
    additions.set(key, addition)
  }
  return addition
}

/** Collects reported tests of up to MAX_ROWS jobs. */
export class ManyCounters {
  private readonly byJob = new Map<number, { counters: TestCounters; lastReportAt: Microseconds }>()

  /** @param now  when the test was received. */
  add(job: number, status: number | null, now: Microseconds): void {
    const known = this.byJob.get(job)
    const entry = known ?? { counters: new TestCounters(), lastReportAt: now }
    entry.counters.add(status)
    entry.lastReportAt = now
    if (!known) this.byJob.set(job, entry)
  }

  async save(connection: Connection): Promise<void> {
    const additions = [...this.byJob].map(([job, { counters, lastReportAt }]) => ({
      ...{ job, lastReportAt },
      ...counters.changes,
    }))
    const quarters = new Map<number, { time: Microseconds; counts: Counts }>()
    const changedBy = (addition: Addition) => counters.filter((name) => addition[name] !== 0)
    for (const [, some] of Map.groupBy(additions, (addition) => changedBy(addition).join())) {
      const rows = await addToJobs(changedBy(some[0] as Addition)).all(connection, some)
      for (const row of rows) {
        await followCounters(connection, row, true)
        if (row.complete === 0) continue
        const quarter = Math.floor(row.time / QUARTER)
        const total = quarters.get(quarter) ?? { time: row.time, counts: new TestCounters().changes }
        const changes = this.byJob.get(row.number)?.counters.changes
        for (const name of counters) total.counts[name] += changes?.[name] ?? 0
        quarters.set(quarter, total)
      }
    }
    for (const { time, counts } of quarters.values())
      await addToTotals(connection, time, { jobs: 0, ...counts })
  }
}
