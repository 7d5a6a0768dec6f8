// Checks and repairs what the background derives from runs: series, flakiness, regressions, and the distros of jobs. What
// waits for the background is no fault.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import type { Inconsistency } from '../../results/jobs/derived-data'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { putTask } from '../../storage/tasks'
import { findWrongVerdicts, findWrongVerdictsQuery, judgeAnew } from '../infrastructure/check'
import { findWrongClusters } from '../reasons/check'
import { clustersWait, markAllClusters } from '../reasons/clusters'
import { RunContext } from '../runs/context'
import { sampleOf } from '../sample'
import { analyseTestcase, FILLING, fillingOf } from './queries'
import { type Background, refresh } from './refresh'
import { isEmpty } from './stored'

/** How many test cases are computed anew. Of more, a sample that is spread over all of them: each takes milliseconds. */
const MAX_CHECKED = 2000
const MAX_EXAMPLES = 5

const countOfTestcases = query()(() =>
  tables.selectFrom('testcase').select((column) => column.fn.max('id').as('last')),
)
// Those that are marked, or whose window has moved on, wait for the background.
const nextTestcase = query<{ after: number; now: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'text'])
    .where('id', '>', param('after'))
    .where(
      sql<boolean>`NOT EXISTS (SELECT 1 FROM stale_testcase WHERE stale_testcase.testcase = testcase.id)
        AND NOT EXISTS (SELECT 1 FROM testcase_flakiness WHERE testcase_flakiness.testcase = testcase.id AND due <= ${param('now')})`,
    )
    .orderBy('id')
    .limit(1),
)
const jobsOfOtherDistro = query()(() =>
  tables
    .selectFrom('job')
    .innerJoin('environment', 'environment.id', 'job.environment')
    .select(['job.number', 'job.id'])
    .where(
      sql<boolean>`job.complete = 1 AND job.distro IS DISTINCT FROM environment.distro
        AND job.number NOT IN (SELECT job FROM stale_job)`,
    ),
)
const waitingJobs = query()(() =>
  tables.selectNoFrom(
    sql<number>`EXISTS (SELECT 1 FROM stale_job) OR EXISTS (SELECT 1 FROM stale_place)
        OR EXISTS (SELECT 1 FROM stale_verdict)`.as('any'),
  ),
)

/** Compares what is stored with what the runs give now. @param now  which runs are in the window */
export async function findWrongAnalyses(connection: Connection, now: Microseconds): Promise<Inconsistency[]> {
  const found: Inconsistency[] = []
  const jobs = await connection.all(jobsOfOtherDistro, {})
  if (jobs.length > 0) {
    const examples = jobs.slice(0, MAX_EXAMPLES).map(({ id }) => `job ${id}`)
    found.push({
      what: 'jobs whose distribution is not that of their environment',
      count: jobs.length,
      examples,
    })
  }
  const isWaiting = (await connection.first(waitingJobs, {}))?.any === 1
  if (isWaiting) return found // the test cases of those jobs are not marked yet
  found.push(...(await findWrongVerdicts(connection)).found)
  if (!(await clustersWait(connection))) found.push(...(await findWrongClusters(connection)))
  const wrong: string[] = []
  for await (const { id, text } of settledSample(connection, now)) {
    const { difference } = await analyseTestcase(connection, new RunContext(connection), id, now)
    if (!isEmpty(difference)) wrong.push(text)
  }
  if (wrong.length > 0) {
    found.push({
      what: 'tests whose series, flakiness or regressions are not those of their runs',
      count: wrong.length,
      examples: wrong.slice(0, MAX_EXAMPLES),
    })
  }
  return found
}

export const findWrongAnalysesQuery = defineQuery('findWrongAnalyses', findWrongAnalyses)

/** Test cases that do not wait for the background, spread over all. */
async function* settledSample(
  connection: Connection,
  now: Microseconds,
): AsyncGenerator<{ id: number; text: string }> {
  const last = (await connection.first(countOfTestcases, {}))?.last ?? 0
  const filling = await fillingOf(connection)
  const next = (after: number) => connection.first(nextTestcase, { after, now })
  for await (const testcase of sampleOf({ last, most: MAX_CHECKED }, next)) {
    if (!filling || testcase.id <= filling.testcase || testcase.id > filling.of) yield testcase
  }
}

const markJobs = query()(() =>
  tables
    .insertInto('stale_job')
    .columns(['job', 'testcase'])
    .expression(
      sql`SELECT job.number, 0 FROM job JOIN environment ON environment.id = job.environment
        WHERE job.complete = 1 AND job.distro IS DISTINCT FROM environment.distro`,
    )
    .onConflict((conflict) => conflict.doNothing()),
)

/** Makes the background derive everything anew. */
export const analyseAllAnew = defineWrite(
  'analyseAllAnew',
  async (connection, _: Record<never, never>): Promise<void> => {
    await connection.run(markJobs, {})
    const of = (await connection.first(countOfTestcases, {}))?.last ?? 0
    await putTask(connection, FILLING, { testcase: 0, of })
  },
)

/** Derives everything anew, if something is wrong, and waits for it. @returns what was wrong */
export async function repairAnalyses(background: Background): Promise<Inconsistency[]> {
  const { database, clock } = background
  const found = await database.read(findWrongAnalysesQuery, clock())
  if (found.length === 0) return found
  await database.write(judgeAnew, { jobs: (await database.read(findWrongVerdictsQuery)).jobs })
  await database.write(analyseAllAnew, {})
  await database.write(markAllClusters, {})
  await refresh(background)
  return found
}
