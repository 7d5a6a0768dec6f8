// How SQLite goes about what the dashboard asks: by indexes, so that it stays quick with ten million tests.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listFailing } from '../../src/analysis/statistics/queries'
import { visible } from '../../src/results/core/job-reference'
import { countRunning } from '../../src/results/core/running'
import { totalsBetween } from '../../src/results/core/totals'
import { conditionsOf, countMatchingJobs, type JobFilter, toJobFilter } from '../../src/results/jobs/filters'
import { type JobOrdering, jobOrderings, listJobs } from '../../src/results/jobs/list'
import { countRuns, findLastFailure, listRuns } from '../../src/results/tests/history'
import { countTests, listTests } from '../../src/results/tests/list'
import { Database } from '../../src/storage/database'
import { type Connection, dynamicQuery, type Query, tables } from '../../src/storage/query'
import { openReader } from '../../src/storage/sqlite/connection'
import { SqliteConnection, sqliteOf } from '../../src/storage/sqlite/sqlite-connection'

/** Notes the plan of every query that is asked of it. */
class ExplainedConnection extends SqliteConnection {
  readonly plans: string[] = []

  override all<P, R>(query: Query<P, R>, parameters: P): Promise<R[]> {
    this.explain(query)
    return super.all(query, parameters)
  }

  override first<P, R>(query: Query<P, R>, parameters: P): Promise<R | undefined> {
    this.explain(query)
    return super.first(query, parameters)
  }

  private explain<P, R>(query: Query<P, R>): void {
    const statement = this.database.prepare(`EXPLAIN QUERY PLAN ${query.compile().sql}`)
    const steps = statement.all(...new Array(statement.paramsCount).fill(null)) as { detail: string }[]
    // What is no table: the numbers of an IN, and the filter that SQLite tries before it.
    const told = steps
      .map(({ detail }) => detail)
      .filter((step) => !/json_each|^LIST SUBQUERY|^CREATE BLOOM FILTER/.test(step))
    this.plans.push(told.join('; '))
  }
}

/** Says so, without there being any. */
const manyJobs = {
  name: 'manyJobs',
  run: async (connection: Connection) =>
    sqliteOf(connection).execute('INSERT INTO job_total VALUES (6, 1, 900000)'),
}

let folder: string
let connection: ExplainedConnection

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  const path = join(folder, 'test.sqlite')
  const { database } = Database.open(path)
  await database.write(manyJobs, undefined)
  await database.close()
  connection = new ExplainedConnection(openReader(path).database)
})

afterEach(() => {
  connection.close()
  rmSync(folder, { recursive: true })
})

const plansOf = async (work: (connection: Connection) => Promise<unknown>) => {
  await work(connection)
  return connection.plans.splice(0)
}
const slice = { limit: 10, offset: 20, count: 1_000_000 }
/** What is found, to sort it; and again, the rows of the page. */
const BY_NUMBER = 'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)'
const SORTED = 'USE TEMP B-TREE FOR ORDER BY'
const newest: JobOrdering = [{ field: 'time', direction: 'desc' }]
const everything = toJobFilter({}, 0)

const filters: [string, JobFilter, count: string][] = [
  ['no filter', everything, 'SCAN job_total'],
  ['status', toJobFilter({ status: [3, 4] }, 0), 'SCAN job_total'],
  ['time', { ...everything, after: 1, before: 2 }, 'SEARCH job USING INDEX job_by_time (time>? AND time<?)'],
  ['outcome', toJobFilter({ outcome: [2, 4] }, 0), 'SCAN job_total'],
  [
    'status, outcome and time',
    toJobFilter({ status: [4], outcome: [2], time_after: 1, time_before: 2 }, 0),
    'SEARCH job USING INDEX job_by_outcomes (<expr>=? AND outcomes=? AND time>? AND time<?)',
  ],
]

test.each(filters)('jobs are counted from totals and indexes: %s', async (_, filter, count) => {
  expect(await plansOf((connection) => countMatchingJobs(connection, filter))).toEqual([count])
})

test.each(filters)(
  'the newest jobs are read in the order of an index, nothing is sorted: %s',
  async (_, filter) => {
    for (const direction of ['asc', 'desc'] as const) {
      const plans = await plansOf((connection) =>
        listJobs(connection, filter, [{ field: 'time', direction }], slice),
      )
      expect(plans.at(-1)).toBe(
        filter.after === undefined
          ? 'SCAN job USING INDEX job_by_time'
          : 'SEARCH job USING INDEX job_by_time (time>? AND time<?)',
      )
    }
  },
)

test.each([
  ['id', 'job_by_id; SEARCH job USING COVERING INDEX job_incomplete (complete=?)'],
  ['description', 'job_by_description'],
  ['elapsed_time', 'job_by_elapsed'],
  ['status', 'job_by_status'],
  ['tests_total', 'job_by_tests_total'],
  ['failures', 'job_by_failures'],
] as const)('jobs that are filtered and ordered by %s are read along its index', async (field, index) => {
  const filter = toJobFilter({ status: [4], outcome: [2] }, 0)
  const plans = await plansOf((connection) =>
    listJobs(connection, filter, [{ field, direction: 'desc' }], slice),
  )
  expect(plans).toEqual(['SCAN job_total', `SCAN job USING INDEX ${index}`])
})

test.each([
  [
    'status and outcome',
    toJobFilter({ status: [4], outcome: [2] }, 0),
    'INDEX job_by_outcomes (<expr>=? AND outcomes=? AND time>? AND time<?)',
  ],
  ['time', { ...everything, after: 1, before: 2 }, 'COVERING INDEX job_by_time (time>? AND time<?)'],
])('a filter that few jobs pass is where their list begins: %s', async (_, filter, index) => {
  for (const field of jobOrderings) {
    const few = { ...slice, count: 30 }
    const plans = await plansOf((connection) =>
      listJobs(connection, filter, [{ field, direction: 'desc' }], few),
    )
    expect(plans.at(-1)).toStartWith(`${BY_NUMBER}; ${BY_NUMBER}; SEARCH job USING ${index}`)
  }
})

test('a search begins with what is found; only that is sorted', async () => {
  const filter = toJobFilter({ search: 'x', status: [4] }, 0)
  expect(
    await plansOf((connection) => countMatchingJobs(connection, toJobFilter({ search: 'x' }, 0))),
  ).toEqual(['SCAN job_search VIRTUAL TABLE INDEX 0:M3'])
  expect(await plansOf((connection) => countMatchingJobs(connection, filter))).toEqual([
    'SEARCH job USING INTEGER PRIMARY KEY (rowid=?); SCAN job_search VIRTUAL TABLE INDEX 0:M3',
  ])
  expect(await plansOf((connection) => listJobs(connection, filter, newest, slice))).toEqual([
    'SCAN job_search VIRTUAL TABLE INDEX 0:M3',
    `${BY_NUMBER}; ${BY_NUMBER}; SCAN job_search VIRTUAL TABLE INDEX 0:M3; ${SORTED}; ${SORTED}`,
  ])
})

test('a search that finds very many jobs walks along the index of the ordering', async () => {
  const filter = toJobFilter({ search: 'x' }, 0)
  const list = dynamicQuery('list')(() => {
    let list = tables.selectFrom('job').select('number').where(visible)
    for (const condition of conditionsOf(filter, 'walk', { byTime: true })) list = list.where(condition)
    return list.orderBy('time', 'desc').orderBy('number', 'desc').limit(10)
  })
  expect(await plansOf((connection) => connection.all(list, {}))).toEqual([
    'SCAN job USING COVERING INDEX job_by_time; SCAN job_search VIRTUAL TABLE INDEX 0:M3',
  ])
})

test('a history is read along its index', async () => {
  expect(await plansOf((connection) => listRuns(connection, 1, slice))).toEqual([
    [
      'SEARCH test USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH test USING COVERING INDEX test_history (testcase=?)',
      'SEARCH job USING COVERING INDEX job_incomplete (complete=?)',
      'SEARCH hidden USING COVERING INDEX test_by_tag (job=? AND testcase=?)',
      'USE TEMP B-TREE FOR LAST TERM OF ORDER BY', // runs of one moment
      'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH testcase USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH host USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH branch USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'USE TEMP B-TREE FOR ORDER BY', // of the page, the rest is walked past
    ].join('; '),
  ])
  expect(await plansOf((connection) => countRuns(connection, 1))).toEqual([
    'SEARCH test USING COVERING INDEX test_history (testcase=? AND ran_at>? AND ran_at<?)',
    [
      'SEARCH test USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH job USING COVERING INDEX job_incomplete (complete=?)',
      'SEARCH hidden USING COVERING INDEX test_by_tag (job=? AND testcase=?)',
    ].join('; '),
  ])
})

test('the last failure of a test is found along its history', async () => {
  expect(await plansOf((connection) => findLastFailure(connection, 1))).toEqual([
    [
      'SEARCH testcase USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH test USING INDEX test_history (testcase=?)',
      'SEARCH job USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH host USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'SEARCH branch USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN',
      'USE TEMP B-TREE FOR LAST TERM OF ORDER BY', // runs of one moment
    ].join('; '),
  ])
})

test('running jobs are looked up, and the list of them is no walk along all jobs', async () => {
  const plans = await plansOf((connection) =>
    listJobs(connection, toJobFilter({ running: true }, 0), newest, slice),
  )
  expect(plans.join()).not.toMatch(/SCAN (job|test)\b/)
})

test('a list of tests looks at those of its job', async () => {
  const filter = { search: 'x', status: [{ status: 3 }] }
  const list = { job: 1, filter, ordering: [{ field: 'severity', direction: 'asc' }], slice } as const
  const plans = await plansOf(async (connection) => [
    await countTests(connection, 1, filter),
    await listTests(connection, list),
  ])
  for (const plan of plans) expect(plan).toMatch(/SEARCH test USING (COVERING )?INDEX test_by_tag \(job=\?\)/)
})

test('statistics read totals, ranges and the tests that fail', async () => {
  const quarter = 900_000_000
  expect(await plansOf((connection) => totalsBetween(connection, 1, 5 * quarter + 1))).toEqual([
    'SEARCH quarter_total USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    'SEARCH job USING INDEX job_by_time (time>? AND time<?)',
    'SEARCH job USING INDEX job_by_time (time>? AND time<?)',
  ])
  expect(await plansOf((connection) => countRunning(connection, 1))).toEqual([
    [
      'CO-ROUTINE running',
      'COMPOUND QUERY',
      'LEFT-MOST SUBQUERY',
      'SEARCH job USING INDEX job_by_outcomes (<expr>=?)',
      'UNION ALL',
      'SEARCH job USING INDEX job_by_outcomes (<expr>=? AND outcomes=?)',
      'SCAN running',
    ].join('; '),
  ])
  expect(await plansOf((connection) => listFailing(connection, { after: 1, before: 2 }))).toEqual([
    [
      'SEARCH test USING INDEX test_failing (ran_at>? AND ran_at<?)',
      'SEARCH job USING COVERING INDEX job_incomplete (complete=?)',
      'USE TEMP B-TREE FOR GROUP BY',
      'USE TEMP B-TREE FOR ORDER BY',
    ].join('; '),
  ])
})
