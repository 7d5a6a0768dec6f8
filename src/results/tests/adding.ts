// Adds a test to a job: the write that machines make most. Those that wait at the same time are added together.

import { NotUnique } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { TestCounters } from '../core/counters'
import { requireJob, visible } from '../core/job-reference'
import { ManyCounters } from '../core/many-counters'
import { splitTag, type WholeTestRow } from './model'
import { insertRows, keyOf, type NewRow, rowOf } from './new-tests'
import { insertIfAbsent, type NewTest } from './queries'
import { hasReason } from './reasons'
import { findTestByTag } from './reference'

interface Addition {
  job: number
  value: NewTest
  /** When the test was received. */
  now: Microseconds
}

const visibleAmong = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where(inList('number', param('jobs')))
    .where(visible),
)

/**
 * Adds a test, or finds an equal one that is already stored.
 *
 * @throws NotFound when the job is deleted; NotUnique when the job has a different test with this tag.
 */
export const addTest = defineWrite('addTest', addOne, { many: addMany })

async function addOne(connection: Connection, { job, value, now }: Addition): Promise<{ id: number }> {
  await requireJob(connection, job)
  // insertIfAbsent() inserts a row for the reason. Refused tests with reasons would make their commits run twice.
  const taken = value.fail_reason != null ? await findTestByTag(connection, job, value.tag) : undefined
  const id = taken ? undefined : await insertIfAbsent(connection, job, value, splitTag(value.tag), { now })
  if (id === undefined) {
    const existing = taken ?? (await findTestByTag(connection, job, value.tag))
    const isSame = existing && isSameTest(existing, value)
    if (!isSame || (value.whole && !(await hasReason(connection, existing.id, value.whole))))
      throw new NotUnique('job', 'tag')
    return { id: existing.id }
  }
  await new TestCounters().add(value.status?.status ?? null).save(connection, job, now)
  return { id }
}

/** Adds those tests that are new and consist of nothing but their own row. */
async function addMany(
  connection: Connection,
  additions: readonly Addition[],
): Promise<({ id: number } | undefined)[]> {
  const jobs = toNumberList([...new Set(additions.map(({ job }) => job))])
  const shown = new Set((await connection.all(visibleAmong, { jobs })).map(({ number }) => number))
  const rows = new Map<string, NewRow>()
  const keys: (string | undefined)[] = []
  for (const addition of additions) {
    const row = shown.has(addition.job)
      ? await rowOf(connection, addition.job, addition.value, addition)
      : undefined
    const key = row && keyOf(row)
    const isFirst = key !== undefined && !rows.has(key)
    if (isFirst) rows.set(key, row as NewRow)
    keys.push(isFirst ? key : undefined)
  }
  const ids = await insertRows(connection, [...rows.values()])
  const counters = new ManyCounters()
  for (const key of ids.keys()) {
    const { job, testcase, status, now } = rows.get(key) as NewRow & { now: Microseconds }
    counters.add(job, status, now)
    connection.markStale(testcase)
  }
  await counters.save(connection)
  return keys.map((key) => {
    const id = key === undefined ? undefined : ids.get(key)
    return id === undefined ? undefined : { id }
  })
}

/** A field that is missing in `value` counts as equal. So does a missing status that an activity has set since. */
function isSameTest(test: WholeTestRow, value: NewTest): boolean {
  const status = value.status ?? null
  const sameStatus =
    (status?.status ?? null) === test.status && (status?.reported ?? null) === test.reported_status
  return (
    (sameStatus || (status === null && test.completed_by_activity === 1)) &&
    isUnchanged(value.started, test.started) &&
    isUnchanged(value.elapsed_time, test.elapsed) &&
    isUnchanged(value.fail_reason, test.fail_reason) &&
    isUnchanged(value.environment, test.environment)
  )
}

function isUnchanged<T>(given: T | undefined, stored: T): boolean {
  return given === undefined || given === stored
}
