// GET /jobs/:job/tests/:test/verdict/: what other runs tell about one.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const DAY = 24 * 3600 * 1_000_000

/** Posts one job a day on a host, the last one an hour ago: P passes, F fails, S is skipped. */
async function nightly(
  host: string,
  results: string,
  { name = 'x', reason = 'broken', branch = 'main' } = {},
): Promise<void> {
  const statuses: Record<string, string> = { P: 'PASS', F: 'FAIL', S: 'SKIP' }
  for (const [at, letter] of [...results].entries()) {
    const status = statuses[letter]
    const time = formatTime(NOW - DAY / 24 - (results.length - at - 1) * DAY)
    await server.makeJob({
      id: `${host}-${branch === 'main' ? '' : `${branch}-`}${name}-${at}`,
      time,
      labels: { host, branch },
      tests: [{ tag: `1-${name}`, status, started: time, ...(status === 'FAIL' && { fail_reason: reason }) }],
    })
  }
}

async function ask(job: string, tag = '1-x') {
  await settle(server)
  const { status, body } = await server.stranger.get(`/jobs/${job}/tests/${tag}/verdict/`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}

const jobOf = (run: { job: string } | null) => run?.job ?? null
/** The parts that a sentence is made of. */
const brief = (body: Awaited<ReturnType<typeof ask>>) => ({
  state: body.state,
  since: jobOf(body.since),
  runs: `${body.failures}/${body.runs}`,
  passed_before: body.passed_before,
  last_good: jobOf(body.last_good),
  passes_since: jobOf(body.passes_since),
  also_on: body.also_on.map(({ host }: { host: string }) => host),
})

test('a regression: since when, how often since, how often it passed before, where else', async () => {
  await nightly('rack7', `${'P'.repeat(20)}FFFPF`)
  await nightly('rack8', `${'P'.repeat(22)}FFF`)
  await nightly('rack9', 'P'.repeat(25))
  const body = await ask('rack7-x-24')
  const { regression: id } = body
  expect(brief(body)).toEqual({
    state: 'regression',
    since: 'rack7-x-20',
    runs: '4/5',
    passed_before: 20,
    last_good: 'rack7-x-19',
    passes_since: null,
    also_on: ['rack8'],
  })
  expect(body).toMatchObject({
    job: 'rack7-x-24',
    ...{ testcase: 'x', suite: '', name: 'x', variant: null, host: 'rack7', branch: 'main' },
    passes_on: 1,
    template: 'broken',
    template_id: expect.any(Number),
    regression: expect.any(Number),
    same_reason: { in_job: 0, failing: 0 },
    flakiness: { flaky: false },
  })
  expect(body.recent.length).toBe(20)
  expect(body.recent.map(({ job }: { job: string }) => job)).toContain('rack7-x-24')
  const { body: regression } = await server.stranger.get(`/regressions/${id}/`)
  expect(regression).toMatchObject({ testcase: 'x', state: 'open' })
})

test('a first failure is perhaps new: how many more runs decide; a known flaky test needs more', async () => {
  await nightly('rack7', 'PPPF')
  const first = await ask('rack7-x-3')
  expect(brief(first)).toMatchObject({ state: 'regression', since: 'rack7-x-3', runs: '1/1' })
  expect(first.rerun).toEqual({
    flake_rate: 0.25 / 13,
    probability: expect.closeTo(0.98, 2),
    more_runs: { if_fails: 0, if_passes: expect.any(Number) },
    to_prove_fix: 1,
  })
  await nightly('rack7', 'PFPPPFPPFPPPFPPFPPPF', { name: 'flaky' })
  const flaky = await ask('rack7-flaky-19', '1-flaky')
  expect(brief(flaky)).toMatchObject({ state: 'flaky', runs: '1/1', since: 'rack7-flaky-19' })
  expect(flaky.rerun.more_runs.if_fails).toBeGreaterThan(0)
  expect(flaky.flakiness).toMatchObject({ flaky: true })
  expect(brief(await ask('rack7-flaky-12', '1-flaky'))).toMatchObject({
    state: 'flake',
    passes_since: null,
  })
})

test('a regression that began on another branch of the host is told for this branch, too', async () => {
  await nightly('rack7', `${'P'.repeat(20)}FFFPFFFFFF`)
  await nightly('rack7', 'PPPPPPPPSSSSSFPFPPFS', { branch: 'stable' })
  expect(brief(await ask('rack7-stable-x-18'))).toEqual({
    state: 'regression',
    since: 'rack7-stable-x-13',
    runs: '3/6',
    passed_before: 8,
    last_good: 'rack7-stable-x-7',
    passes_since: null,
    also_on: ['rack7'],
  })
})

test('what never passed here, and what passes again', async () => {
  await nightly('rack7', 'FFF')
  await nightly('rack8', 'PPP')
  expect(await ask('rack7-x-2')).toMatchObject({ state: 'never_passed', runs: 3, failures: 3, passes_on: 1 })
  await nightly('rack7', `${'P'.repeat(10)}FFFFFPPP`, { name: 'mended' })
  expect(brief(await ask('rack7-mended-12', '1-mended'))).toMatchObject({
    state: 'regression',
    since: 'rack7-mended-10',
    runs: '5/5',
    passes_since: 'rack7-mended-15',
  })
  expect(brief(await ask('rack7-mended-17', '1-mended'))).toMatchObject({
    state: 'passing',
    since: 'rack7-mended-15',
    runs: '0/3',
  })
})

test('other tests with the same reason, in the job and elsewhere', async () => {
  for (const name of ['x', 'y', 'z'])
    await nightly('rack7', 'PPPPPPPPPPFFF', { name, reason: `host 10.0.0.1 is down` })
  const time = formatTime(NOW - DAY / 24)
  const failure = { status: 'FAIL', fail_reason: 'host 10.0.0.7 is down', started: time }
  await server.makeJob({
    id: 'both',
    time,
    labels: { host: 'rack7', branch: 'main' },
    tests: [
      { tag: '1-x', ...failure },
      { tag: '2-y', ...failure },
      { tag: '3-v', ...failure },
    ],
  })
  expect((await ask('both')).same_reason).toEqual({ in_job: 2, failing: 2 })
})

test('a test that was cut off with its whole job is none of the others with the reason', async () => {
  const started = formatTime(NOW - DAY)
  const failure = { status: 'INTERRUPTED', fail_reason: 'Timeout reached', started, elapsed_time: 60 }
  await server.makeJob({
    id: 'cut',
    time: started,
    labels: { host: 'rack7', job_timeout: '1' },
    tests: [
      { tag: '1-x', ...failure, status: 'FAIL', fail_reason: 'Timeout reached' },
      { tag: '2-y', ...failure },
      { tag: '3-z', ...failure, elapsed_time: 0, status: 'ERROR' },
    ],
  })
  expect((await ask('cut')).same_reason.in_job).toBe(1)
})

test('a skipped test has no verdict, but its neighbours; what does not exist is not found', async () => {
  await nightly('rack7', 'PPS')
  expect(await ask('rack7-x-2')).toMatchObject({ state: 'no_outcome', since: null, runs: 0, rerun: null })
  expect((await server.stranger.get('/jobs/rack7-x-2/tests/99/verdict/')).status).toBe(404)
  expect((await server.stranger.get('/jobs/nothing/tests/1/verdict/')).status).toBe(404)
})
