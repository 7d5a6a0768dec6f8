// The jobs that have failures with one template.

import { sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import { visible } from '../../results/core/job-reference'
import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { branchNames, hostNames, toJobItem } from '../names'
import type { TimeRange } from '../runs/window'
import type { ClusterJobItem } from './model'

interface JobRow {
  number: number
  id: string
  time: Microseconds
  failures: number
  /** The newest failure. */
  test: number
}

// SQLite takes the columns beside max() from the row that has the maximum.
const withTemplate = query<TimeRange & { template: number }>()((param) =>
  tables
    .selectFrom('template_run as run')
    .innerJoin('job', 'job.number', 'run.job')
    .select(['job.number', 'job.id', 'job.time', 'run.test'])
    .select((eb) => eb.fn.countAll<number>().as('failures'))
    .select(sql<number>`max(run.time)`.as('last'))
    .where('run.template', '=', param('template'))
    .where('run.time', '>=', param('from'))
    .where('run.time', '<=', param('to'))
    .where(visible)
    .where(inTime)
    .groupBy('run.job'),
)

/** All of a range of time, the newest first. */
export async function listJobs(
  connection: Connection,
  cluster: TimeRange & { template: number },
): Promise<JobRow[]> {
  const rows = await connection.all(withTemplate, cluster)
  return rows.sort((one, other) => other.time - one.time || compareTexts(one.id, other.id))
}

const placesOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'host', 'branch'])
    .where(inList('number', param('ids'))),
)
const testcasesOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select(['test.id', 'testcase.text'])
    .where(inList('test.id', param('ids'))),
)

/** @param rows  of a page. */
export async function showJobs(connection: Connection, rows: readonly JobRow[]): Promise<ClusterJobItem[]> {
  const jobs = { ids: toNumberList(rows.map(({ number }) => number)) }
  const places = new Map((await connection.all(placesOf, jobs)).map((place) => [place.number, place]))
  const hosts = await hostNames(
    connection,
    [...places.values()].map(({ host }) => host),
  )
  const branches = await branchNames(
    connection,
    [...places.values()].map(({ branch }) => branch),
  )
  const tests = { ids: toNumberList(rows.map(({ test }) => test)) }
  const names = new Map((await connection.all(testcasesOf, tests)).map(({ id, text }) => [id, text]))
  return rows.map((row) => {
    const { host = null, branch = null } = places.get(row.number) ?? {}
    return {
      ...toJobItem(row),
      host: host === null ? null : (hosts.get(host) ?? null),
      branch: branch === null ? null : (branches.get(branch) ?? null),
      failures: row.failures,
      test: row.test,
      testcase: names.get(row.test) ?? '',
    }
  })
}
