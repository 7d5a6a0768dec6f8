// The environment of a job whose tests name theirs. While all tests that name one name the same, it is the job's, too, and
// so that of the tests that name none. What an import reports for the job itself counts more.

import { sql } from 'kysely'
import { type Connection, notIndexed, query, tables } from '../../storage/query'
import { markStaleJob } from '../core/stale-jobs'

/** Where `job.environment` is from. */
export const environmentSources = {
  /** There is none. */
  none: 0,
  /** All tests that name an environment name this one. */
  tests: 1,
  /** The tests name several, so the job has none. */
  severalTests: 2,
  /** It was reported for the job. */
  job: 3,
} as const

const addNamed = query<{ job: number; environment: number }>()((param) =>
  tables
    .updateTable('job')
    .set({
      environment: sql`CASE environment_source WHEN 0 THEN CAST(${param('environment')} AS BIGINT) END`,
      environment_source: sql`CASE environment_source WHEN 0 THEN 1 ELSE 2 END`,
    })
    .where('number', '=', param('job'))
    .where(
      sql<boolean>`(environment_source = 0 OR (environment_source = 1 AND ${notIndexed('environment')} <> ${param('environment')}))`,
    )
    .returning('complete'),
)
const stillNamed = query<{ job: number; environment: number }>()((param) =>
  tables
    .selectFrom('test')
    .select('id')
    .where('environment', '=', param('environment'))
    .where('job', '=', param('job'))
    .limit(1),
)
const sourceOf = query<{ job: number }>()((param) =>
  tables.selectFrom('job').select(['environment_source', 'complete']).where('number', '=', param('job')),
)
const namedByTests = query<{ job: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(({ fn }) => [fn.min('environment').as('lowest'), fn.max('environment').as('highest')])
    .where('job', '=', param('job')),
)
const setNamed = query<{ job: number; environment: number | null; source: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ environment: param('environment'), environment_source: param('source') })
    .where('number', '=', param('job')),
)

/** Notes that a test of the job names this environment. The caller stores the test. */
export async function addTestEnvironment(
  connection: Connection,
  job: number,
  environment: number,
): Promise<void> {
  const changed = await connection.first(addNamed, { job, environment })
  if (changed?.complete === 1) await announce(connection, job)
}

/** Notes that a test of the job names this environment no more, after the test was changed or deleted. */
export async function removeTestEnvironment(
  connection: Connection,
  job: number,
  environment: number,
): Promise<void> {
  const stored = await connection.first(sourceOf, { job })
  const isOfTests = stored?.environment_source === 1 || stored?.environment_source === 2
  if (!isOfTests || (await connection.first(stillNamed, { job, environment }))) return
  const { lowest = null, highest = null } = (await connection.first(namedByTests, { job })) ?? {}
  const { none, tests, severalTests } = environmentSources
  await connection.run(setNamed, {
    job,
    environment: lowest === highest ? lowest : null,
    source: lowest === null ? none : lowest === highest ? tests : severalTests,
  })
  if (stored.complete === 1) await announce(connection, job)
}

async function announce(connection: Connection, job: number): Promise<void> {
  connection.markChanged('job', job)
  await markStaleJob(connection, job)
}
