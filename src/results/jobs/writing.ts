// Stores jobs that clients post, and deletes jobs and tests.

import { randomBytes } from 'node:crypto'
import type { Actor } from '../../audit/log'
import { doesNotExist } from '../../http/resource/fields'
import type { Body } from '../../http/resource/shapes'
import { type Cooperative, nextSlice, runCooperatively } from '../../lib/cooperative'
import { Invalid } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { bytesOf } from '../../storage/chunked-writes'
import type { Database } from '../../storage/database'
import type { ResultServices } from '../core/services'
import { findUnknownEnvironment } from '../environments/lookups'
import { deleteTest } from '../tests/queries'
import { isLongReason, truncateReason } from '../tests/reasons'
import type { TestOwner } from '../tests/reference'
import { hideJob, hideTest, rowsBelowTest } from './deletion'
import { deleteHidden } from './hidden-jobs'
import { partsOf } from './job-parts'
import { columnsOf, type newJob } from './model'
import { writeNewJob } from './new-job'
import { addJob, addToHiddenJob, headOf, revealJob, type WholeTest } from './queries'

/**
 * Stores a job with its tests, activities and labels: everything or nothing.
 *
 * @returns the job's number and id, when everything is on disk and visible; undefined when its id is taken.
 * @throws Invalid when its parts contradict each other, or name an environment that does not exist.
 */
export async function createJob(
  services: Pick<ResultServices, 'database' | 'clock' | 'log' | 'files'>,
  value: Body<typeof newJob>,
  user?: Identity,
): Promise<{ number: number; id: string } | undefined> {
  const { database, clock } = services
  const { tests, environments } = await runCooperatively(deduplicateTests(value.tests ?? []))
  await refuseUnknownEnvironments(database, environments)
  using hold = services.files.hold()
  for (const [index, test] of tests.entries()) {
    if (isLongReason(test.fail_reason)) tests[index] = await truncateReason(services, test, hold)
  }
  const now = clock()
  const id = value.id ?? randomBytes(20).toString('hex')
  const head = headOf({ ...columnsOf(value), id, receivedAt: now, createdBy: user?.id ?? null })
  const parts = partsOf<WholeTest>({ ...value, tests }, bytesOfTest)
  const number = await writeNewJob(services, head, parts, {
    addWhole: async (part) => (await database.write(addJob, { head, part }))?.job,
    addPart: (job, part, write) => write(addToHiddenJob, { job, part }),
    reveal: (job) => database.write(revealJob, { job, id }),
  })
  return number === undefined ? undefined : { number, id }
}

function bytesOfTest({ tag, fail_reason }: WholeTest): number {
  return bytesOf(tag, fail_reason)
}

/** Deletes a job with everything below it. The job is hidden at once. @throws NotFound */
export async function deleteJob(
  services: Pick<ResultServices, 'database' | 'log'>,
  job: number,
  actor: Actor,
): Promise<void> {
  await services.database.write(hideJob, { job, actor })
  await deleteHidden(services, job)
}

/** A test with more rows below it than this is deleted step by step. */
const MAX_ROWS_IN_ONE_WRITE = 500

/** Deletes a test with everything below it. The test is hidden at once. @throws NotFound */
export async function removeTest(
  services: Pick<ResultServices, 'database' | 'log'>,
  owner: TestOwner,
  actor: Actor,
): Promise<void> {
  const { database } = services
  const { test } = owner
  const rowsBelow = await database.read(rowsBelowTest, { test, limit: MAX_ROWS_IN_ONE_WRITE })
  if (rowsBelow <= MAX_ROWS_IN_ONE_WRITE)
    await database.write(deleteTest, { job: owner.job, jobId: owner.jobId, id: test, actor })
  else await deleteHidden(services, (await database.write(hideTest, { owner, id: test, actor })).job)
}

/** How many environments are looked up without a pause. */
const ENVIRONMENTS_AT_ONCE = 500

/** @param environments  the index of the first test that names each environment. @throws Invalid */
export async function refuseUnknownEnvironments(
  database: Database,
  environments: Map<number, number>,
): Promise<void> {
  const ids = [...environments.keys()]
  for (let start = 0; start < ids.length; start += ENVIRONMENTS_AT_ONCE) {
    if (start > 0) await nextSlice()
    const some = ids.slice(start, start + ENVIRONMENTS_AT_ONCE)
    const unknown = await database.read(findUnknownEnvironment, some)
    if (unknown === undefined) continue
    const item = (environments.get(unknown) ?? 0) + 1
    throw new Invalid({ tests: `Item ${item}: environment: ${doesNotExist(unknown, 'id')}` })
  }
}

/**
 * Removes repeated tests.
 *
 * @returns the tests, and for each environment the index of the first test that names it.
 * @throws Invalid when two tests with one tag differ, or one key of a test's data has two values.
 */
export function* deduplicateTests(
  tests: WholeTest[],
): Cooperative<{ tests: Required<Omit<WholeTest, 'whole'>>[]; environments: Map<number, number> }> {
  const byTag = new Map<string, Required<Omit<WholeTest, 'whole'>>>()
  const environments = new Map<number, number>()
  for (const [index, given] of tests.entries()) {
    const test = withDefaults(given)
    const earlier = byTag.get(test.tag)
    if (earlier && !Bun.deepEquals(earlier, test)) {
      throw new Invalid({ tests: `Item ${index + 1}: The fields job, tag must make a unique set.` })
    }
    const values = new Map<string, string | null>()
    for (const { category, key, value = null } of test.data ?? []) {
      const name = `${category}\0${key}`
      if (values.has(name) && values.get(name) !== value) {
        throw new Invalid({
          tests: `Item ${index + 1}: The fields test, category, key must make a unique set.`,
        })
      }
      values.set(name, value)
      yield
    }
    byTag.set(test.tag, test)
    const { environment } = test
    if (environment != null && !environments.has(environment)) environments.set(environment, index)
    yield
  }
  return { tests: [...byTag.values()], environments }
}

/** Fills in the defaults, so that two tests with the same meaning are equal. */
function withDefaults(test: WholeTest): Required<Omit<WholeTest, 'whole'>> {
  const { status = null, activities = [], data = [] } = test
  return {
    tag: test.tag,
    status,
    environment: test.environment ?? null,
    started: test.started ?? null,
    elapsed_time: test.elapsed_time ?? null,
    fail_reason: test.fail_reason ?? null,
    activities: activities.map(({ status = null, ...activity }) => ({ ...activity, status })),
    data: data.map(({ category = 'default', key, value = null }) => ({ category, key, value })),
  }
}
