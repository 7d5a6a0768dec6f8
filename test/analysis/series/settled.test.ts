// Whatever happens to runs, in whatever order: settled, what is stored is what a fresh computation of the runs gives, and
// the same runs on another server give the same answers.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { RunContext } from '../../../src/analysis/runs/context'
import { analyseTestcase } from '../../../src/analysis/series/queries'
import { isEmpty } from '../../../src/analysis/series/stored'
import { formatTime } from '../../../src/lib/time'
import type { SqliteConnection } from '../../../src/storage/sqlite/sqlite-connection'
import { ownQuery } from '../../support/own-query'
import { scaled } from '../../support/scale'
import { NOW, type TestServer, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY, environmentOf } from './lab'

const server = withServer()

const HOSTS = ['a', 'b', 'c']
const TESTS = ['1-x', '2-y;v', '3-z']

interface Job {
  id: string
  host: string | undefined
  night: number
  environment: number | undefined
  statuses: (string | undefined)[]
  reason: string
}

type Step =
  | { kind: 'add'; job: Job }
  | { kind: 'status'; job: number; test: number; status: string }
  | { kind: 'host'; job: number; host: string | null }
  | { kind: 'time'; job: number; night: number }
  | { kind: 'delete'; job: number }
  | { kind: 'deleteTest'; job: number; test: number }
  | { kind: 'environment'; job: number; test: number; environment: number | undefined }
  | { kind: 'settle' }

const status = fc.constantFrom('PASS', 'PASS', 'FAIL', 'ERROR', 'WARN', 'SKIP', 'INTERRUPTED')
const reason = fc.constantFrom(
  'broken',
  'lost 1',
  'lost 2',
  'Timeout reached',
  'on a it is gone',
  '<unknown>',
)
const index = fc.nat(1000)
const night = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom(-20_000, 400, 95) },
)
const environment = fc.option(fc.nat(3), { nil: undefined })
const job: fc.Arbitrary<Job> = fc.record({
  id: fc.constant(''),
  host: fc.option(fc.constantFrom(...HOSTS), { nil: undefined, freq: 8 }),
  night,
  environment,
  statuses: fc.array(fc.option(status, { nil: undefined, freq: 6 }), { minLength: 3, maxLength: 3 }),
  reason,
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: job.map((job): Step => ({ kind: 'add', job })) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('status' as const), job: index, test: fc.nat(2), status }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('host' as const),
      job: index,
      host: fc.constantFrom('a', 'b', 'c', null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), job: index, night }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), job: index }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('deleteTest' as const), job: index, test: fc.nat(2) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('environment' as const),
      job: index,
      test: fc.nat(2),
      environment,
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'settle' }) },
)

let second = 0
/** No two jobs begin at the same moment: which of them is the first would be arbitrary. */
const timeOf = (night: number) => formatTime(Math.max(0, NOW - (60 - night) * DAY) + ++second * 1_000_000)

/** Makes the environments 0 to 3, of two distros. @returns their ids */
async function environmentsOf(on: TestServer): Promise<number[]> {
  const ids: number[] = []
  for (const [distro, bash] of [
    ['43', '1'],
    ['43', '2'],
    ['44', '2'],
    ['44', '3'],
  ] as const) {
    ids.push(await environmentOf(on, distro, [`bash=${bash}`]))
  }
  return ids
}

async function add(
  on: TestServer,
  environments: readonly number[],
  { id, host, night, environment, statuses, reason }: Job,
) {
  const tests = statuses.flatMap((status, at) => {
    if (!status) return []
    const failed = !['PASS', 'WARN', 'SKIP'].includes(status)
    const named = environment === undefined ? {} : { environment: environments[environment] }
    return [{ tag: TESTS[at], status, ...named, ...(failed && { fail_reason: reason }) }]
  })
  await on.makeJob({ id, time: timeOf(night), ...(host && { labels: { host } }), tests })
}

async function perform(steps: readonly Step[], environments: readonly number[]): Promise<void> {
  const { client } = server
  const jobs: Job[] = []
  const pick = (at: number) => jobs[at % Math.max(1, jobs.length)]
  for (const one of steps) {
    if (one.kind === 'add') {
      const job = { ...one.job, id: `job-${jobs.length}` }
      await add(server, environments, job)
      jobs.push(job)
      continue
    }
    if (one.kind === 'settle') {
      await settle(server)
      continue
    }
    const chosen = pick(one.job)
    if (!chosen) continue
    const test = 'test' in one ? `/jobs/${chosen.id}/tests/${encodeURIComponent(TESTS[one.test] ?? '')}/` : ''
    if (one.kind === 'status') await client.patch(test, { status: one.status })
    if (one.kind === 'host') await client.patch(`/jobs/${chosen.id}/`, { labels: { host: one.host } })
    if (one.kind === 'time') await client.patch(`/jobs/${chosen.id}/`, { time: timeOf(one.night) })
    if (one.kind === 'delete') await client.delete(`/jobs/${chosen.id}/`)
    if (one.kind === 'deleteTest') await client.delete(test)
    if (one.kind === 'environment') {
      const id = one.environment === undefined ? null : (environments[one.environment] ?? null)
      await client.patch(test, { environment: id })
    }
  }
}

const all = ({ database }: SqliteConnection, text: string) => {
  using statement = database.prepare(text)
  return statement.all() as Record<string, number | null>[]
}

/** What is stored of every test case differs in nothing from what its runs give. */
async function expectFresh(): Promise<void> {
  await server.database.read(
    ownQuery(async (connection) => {
      for (const { id } of all(connection, 'SELECT id FROM testcase')) {
        const { difference } = await analyseTestcase(
          connection,
          new RunContext(connection),
          id as number,
          server.now,
        )
        expect(isEmpty(difference) ? {} : difference).toEqual({})
      }
      expect(
        all(
          connection,
          'SELECT * FROM stale_job UNION SELECT * FROM stale_testcase UNION SELECT * FROM stale_place',
        ),
      ).toEqual([])
      // A job has the distro of its environment, else of the one before on its host, else of the next one.
      const jobs = all(
        connection,
        `SELECT job.id, host, job.distro, environment.distro AS own FROM job LEFT JOIN environment ON environment.id = environment
       WHERE complete = 1 ORDER BY time, number`,
      )
      for (const [at, { id, host, distro, own }] of jobs.entries()) {
        const onHost = (one: (typeof jobs)[number]) => host != null && one.host === host && one.own !== null
        const near = jobs.slice(0, at).findLast(onHost) ?? jobs.slice(at + 1).find(onHost)
        expect([id, distro]).toEqual([id, own ?? near?.own ?? null])
      }
    }),
  )
}

/** Deletes all jobs. What is derived of them goes, but for regressions, which are withdrawn. */
async function forget(): Promise<void> {
  const { body } = await server.client.get('/jobs/?page_size=1000&omit=tests,activities')
  for (const { id } of body.results) await server.client.delete(`/jobs/${id}/`)
  await settle(server)
  await server.database.read(
    ownQuery(async (connection) => {
      expect(all(connection, 'SELECT * FROM series')).toEqual([])
      expect(all(connection, 'SELECT * FROM testcase_flakiness')).toEqual([])
      expect(all(connection, "SELECT * FROM regression WHERE state <> 'withdrawn'")).toEqual([])
    }),
  )
}

const NUMBERS = scaled(12, 60)

const nothing = { id: '', night: 0, statuses: [], reason: '' }
/** A job that had lost its environment gave the distro of it to a job beside it, and got it back from there. */
const lostEnvironment: Step[] = [
  { kind: 'add', job: { ...nothing, host: undefined, environment: undefined } },
  { kind: 'add', job: { ...nothing, host: 'a', environment: 0, statuses: [undefined, 'PASS', 'PASS'] } },
  { kind: 'settle' },
  { kind: 'environment', job: 1, test: 1, environment: 1 },
  { kind: 'host', job: 0, host: 'a' },
]

test('settled, what is stored is what a fresh computation gives', async () => {
  let environments: number[] | undefined
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      environments ??= await environmentsOf(server)
      server.now = NOW
      await forget()
      await perform(steps, environments)
      await settle(server)
      await expectFresh()
      // The window moves on, and runs leave it.
      server.now = NOW + 60 * DAY
      await settle(server)
      await expectFresh()
    }),
    { numRuns: NUMBERS, examples: [[lostEnvironment]] },
  )
}, 120_000)
