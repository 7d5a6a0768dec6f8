// Storing and deleting whole jobs. Small ones take one transaction; large ones several, hidden while they are not
// whole, so that nobody's single post waits behind them.

import { randomBytes } from 'node:crypto'
import type { Identity } from '../auth/credentials'
import type { Context } from '../context'
import { BadRequest, Invalid } from '../http/errors'
import { type Body, noObject } from '../http/fields'
import type { Database } from '../storage/database'
import { environmentExists } from '../tests/queries'
import type { newJob } from './model'
import {
  addHiddenJob,
  addJob,
  addToHiddenJob,
  deleteFromHidden,
  hiddenJobs,
  hideJob,
  type JobHead,
  type JobPart,
  revealJob,
} from './queries'

type NewJob = Body<typeof newJob>
type WholeTest = NonNullable<NewJob['tests']>[number]

/** Rows that one transaction takes at most, about: some 20 ms of the writer's time. */
const MAX_ROWS = 2000

/**
 * Stores a job with all that it carries, all or nothing.
 *
 * @returns the job's number, when everything is on disk and to be seen; undefined when its id is taken.
 * @throws Invalid when parts of it contradict each other, or name an environment that does not exist.
 */
export async function createJob(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  value: NewJob,
  user?: Identity,
): Promise<number | undefined> {
  refuseUnknownEnvironments(database, value.tests ?? [])
  const now = clock()
  const head: JobHead = {
    id: value.id ?? randomBytes(20).toString('hex'),
    description: value.description ?? null,
    time: value.time ?? now,
    receivedAt: now,
    elapsed: value.elapsed_time ?? 0,
    status: value.status ?? null,
    createdBy: user?.id ?? null,
  }
  const [first = { activities: [], tests: [] }, ...others] = partsOf(
    value.activities ?? [],
    withoutRepetitions(value.tests ?? []),
  )
  if (others.length === 0) return (await database.write(addJob, { head, part: first }))?.job
  const added = await database.write(addHiddenJob, { head, part: first })
  if (!added) return undefined
  const { job } = added
  try {
    for (const part of others) await database.write(addToHiddenJob, { job, part })
    await database.write(revealJob, { job })
    return job
  } catch (error) {
    await deleteHidden({ database }, job)
    throw error
  }
}

/** Deletes a job with everything below it. It is out of sight at once. @throws NotFound */
export async function deleteJob({ database }: Pick<Context, 'database'>, job: number): Promise<void> {
  await database.write(hideJob, { job })
  await deleteHidden({ database }, job)
}

/** Deletes what a crash left hidden: jobs that were not whole yet, or not wholly deleted. */
export async function sweepHiddenJobs({ database }: Pick<Context, 'database'>): Promise<number> {
  const jobs = database.read(hiddenJobs)
  for (const job of jobs) await deleteHidden({ database }, job)
  return jobs.length
}

async function deleteHidden({ database }: Pick<Context, 'database'>, job: number): Promise<void> {
  while (!(await database.write(deleteFromHidden, { job, tests: MAX_ROWS })).gone);
}

function refuseUnknownEnvironments(database: Database, tests: WholeTest[]): void {
  for (const [index, { environment = null }] of tests.entries()) {
    if (environment === null || database.read((connection) => environmentExists(connection, environment)))
      continue
    throw new Invalid({ tests: `Item ${index + 1}: environment: ${noObject(environment, 'id')}` })
  }
}

/** @throws Invalid when one tag, or one key of a test's data, comes with two meanings. */
function withoutRepetitions(tests: WholeTest[]): WholeTest[] {
  const byTag = new Map<string, WholeTest>()
  for (const [index, test] of tests.entries()) {
    const earlier = byTag.get(test.tag)
    if (earlier && !Bun.deepEquals(earlier, test)) {
      throw new Invalid({ tests: `Item ${index + 1}: The fields job, tag must make a unique set.` })
    }
    const values = new Map<string, string | null>()
    for (const { category = 'default', key, value = null } of test.data ?? []) {
      const name = `${category}\0${key}`
      if (values.has(name) && values.get(name) !== value) {
        throw new Invalid({
          tests: `Item ${index + 1}: The fields test, category, key must make a unique set.`,
        })
      }
      values.set(name, value)
    }
    byTag.set(test.tag, test)
  }
  return [...byTag.values()]
}

/** Cuts what a job carries into parts of about MAX_ROWS rows. */
function* partsOf(activities: JobPart['activities'], tests: WholeTest[]): Generator<JobPart> {
  let part: JobPart = { activities: [], tests: [] }
  let rows = 0
  for (const activity of activities) {
    part.activities.push(activity)
    rows++
    if (rows >= MAX_ROWS) yield* next()
  }
  for (const test of tests) {
    part.tests.push(test)
    rows += 1 + (test.activities?.length ?? 0) + (test.data?.length ?? 0)
    if (rows >= MAX_ROWS) yield* next()
  }
  if (rows > 0) yield part

  function* next() {
    yield part
    part = { activities: [], tests: [] }
    rows = 0
  }
}

const MAX_TESTS_IN_ANSWER = 100_000

/** @throws BadRequest when an answer would carry more tests than anybody can want in one. */
export function refuseTooManyTests(tests: number): void {
  if (tests <= MAX_TESTS_IN_ANSWER) return
  throw new BadRequest(
    `This answer would carry ${tests} tests, more than ${MAX_TESTS_IN_ANSWER}: ` +
      'leave them out with ?omit=tests, or ask for fewer jobs with page_size.',
  )
}
