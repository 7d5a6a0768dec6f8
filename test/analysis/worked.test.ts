// The worked examples of the definitions, with their numbers, as clients get them: history, comparison, regressions, and
// how many more runs decide.

import { describe, expect, test } from 'bun:test'
import { formatTime } from '../../src/lib/time'
import { NOW, withServer } from '../support/server'
import { settle } from '../support/settled'
import { DAY, nightly } from './series/lab'

const server = withServer()

async function get(path: string) {
  await settle(server)
  const { status, body } = await server.client.get(path)
  expect({ path, status, body }).toMatchObject({
    status: 200,
    body: expect.not.objectContaining({ incomplete: true }),
  })
  return body
}

describe('history', () => {
  const letters = { failed: 'F', passed: 'P', none: '-' }
  const strip = (runs: { outcome: keyof typeof letters }[]) => runs.map(({ outcome }) => letters[outcome])
  const flips = (runs: string[]) => runs.filter((letter, at) => at > 0 && letter !== runs[at - 1]).length

  test('A PPFP and B FFFF: the mixed strip flips 5 times of 7; A has 1 flake, B is broken since its first run', async () => {
    await nightly(server, 'a', 'PPFP')
    await nightly(server, 'b', 'FFFF')
    const { runs, series } = await get('/tests/history/?name=x')
    const mixed = strip(runs.toReversed())
    expect([mixed.join(''), flips(mixed), mixed.length - 1]).toEqual(['PFPFFFPF', 5, 7])
    const brief = series.map(({ host, state, since, flakes, streak }: Series) => ({
      ...{ host, state, since: since.job, flakes, streak },
    }))
    expect(brief).toEqual([
      { host: 'b', state: 'failing', since: 'b-0', flakes: 0, streak: 4 },
      { host: 'a', state: 'passing', since: 'a-3', flakes: 1, streak: 1 },
    ])
    expect(
      runs.filter(({ flake }: { flake: boolean }) => flake).map(({ job }: { job: string }) => job),
    ).toEqual(['a-2'])
  })

  interface Series {
    host: string
    state: string
    since: { job: string }
    flakes: number
    streak: number
  }
})

/** Histories after which the model finds these rates, to four digits, the run of the last night included. */
const FLAKY = {
  'F at 0.1': 'PFPPFPPPPFPPPPPPPPPPPPPPPPPPF',
  'FF at 0.1': 'FPPPPPPPPPPPPPFPPPPPFPPFPPPPPPPPPFF',
  'F at 0.3': 'PFPPPPFFPFPFPFFPPPPPPFFPPPPFFFPFPPF',
  'FF at 0.3': 'FFPFPPFPFPPFPPPPFPFFFFPFF',
  'FFF at 0.3': 'FFFFPFPFPPFPFPPFPPFPFFF',
} as const

/** Posts the last night of a history and of other tests as one job, and the night before, its base, as another. */
async function compared(flaky: string, base: Record<string, string>, job: Record<string, string>) {
  const before = flaky.slice(0, -2)
  for (const [night, letter] of [...before].entries()) {
    await post(`night-${night}`, before.length + 2 - night, { c: letter })
  }
  await post('base', 2, { ...base, c: flaky.at(-2) as string })
  await post('job', 1, { ...job, c: flaky.at(-1) as string })
  return get('/jobs/compare/?job=job&base=base')
}

async function post(id: string, nightsAgo: number, tests: Record<string, string>): Promise<void> {
  await server.makeJob({
    id,
    status: 'PASS',
    time: formatTime(NOW - nightsAgo * DAY),
    labels: { host: 'rack7', branch: 'main' },
    tests: Object.entries(tests).map(([name, letter], at) => ({
      tag: `${at + 1}-${name}`,
      ...(letter === 'F' ? { status: 'FAIL', fail_reason: 'broken' } : { status: 'PASS' }),
    })),
  })
}

test('comparison: base PASS,FAIL,PASS,PASS,- and job FAIL,PASS,FAIL (flaky, 0.3),-,FAIL', async () => {
  const { counts, tests } = await compared(
    FLAKY['F at 0.3'],
    { a: 'P', b: 'F', d: 'P' },
    { a: 'F', b: 'P', e: 'F' },
  )
  const found = Object.entries(counts).filter(([, count]) => count !== 0)
  expect(Object.fromEntries(found)).toEqual({ regression: 1, fixed: 1, flaky: 1, missing: 1, new_test: 1 })
  const classes = tests.map(({ testcase, class: name }: { testcase: string; class: string }) => [
    testcase,
    name,
  ])
  expect(Object.fromEntries(classes)).toEqual({
    a: 'regression',
    b: 'fixed',
    c: 'flaky',
    d: 'missing',
    e: 'new_test',
  })
  // Every answer about this failure tells the same rate and probability.
  const flaky = tests.find(({ testcase }: { testcase: string }) => testcase === 'c')
  const { results } = (await get('/triage/?since=job&group=flaky')).flaky
  expect(results).toMatchObject([{ testcase: 'c', state: 'flaky', streak: 1, more_runs: flaky.more_runs }])
  expect(results[0].probability).toBeCloseTo(flaky.probability, 6)
  const { rerun, state } = await get('/jobs/job/tests/4-c/verdict/')
  expect(state).toBe('flaky')
  expect(rerun).toMatchObject({ flake_rate: flaky.flake_rate, probability: flaky.probability })
  expect([flaky.flake_rate.toFixed(4), flaky.probability.toFixed(4), flaky.streak]).toEqual([
    '0.3000',
    '0.7600',
    1,
  ])
})

describe('regressions', () => {
  interface Regression {
    state: string
    probability: number
    first_bad: { job: string; low: string; high: string }
    last_good: { job: string }
  }
  const logOdds = (probability: number) => Math.log(probability / (1 - probability))
  const brief = ({ state, probability, first_bad, last_good }: Regression) => ({
    state,
    odds: logOdds(probability).toFixed(3),
    row: first_bad.job,
    interval: `${first_bad.low} to ${first_bad.high}`,
    last_good: last_good.job,
  })

  test('PPFPPPPPPPFFFFF began in row 10, with 0.995, between rows 9 and 11; not in row 2, its first failure', async () => {
    await nightly(server, 'a', 'PPFPPPPPPPFFFFF')
    const [found, ...more] = (await get('/regressions/')).results
    expect(more).toEqual([])
    expect(brief(found)).toEqual({
      ...{ state: 'open', odds: '5.323', row: 'a-10', interval: 'a-9 to a-11', last_good: 'a-9' },
    })
    expect(found.probability.toFixed(3)).toBe('0.995')
  })

  test('PPPPPPPPFFF began in row 8', async () => {
    await nightly(server, 'a', 'PPPPPPPPFFF')
    expect((await get('/regressions/')).results.map(brief)).toMatchObject([
      { state: 'open', odds: '5.549', row: 'a-8' },
    ])
  })

  test.each([
    ['PPPPPPPPPF', 'one failure is "perhaps": 0.745 are not 3 to 1'],
    ['PFPFPFPFPFPFPFP', 'what fails every other time did not begin to fail'],
  ])('%s is none: %s', async (runs) => {
    await nightly(server, 'a', runs)
    expect((await get('/regressions/')).results).toEqual([])
  })

  test.each([
    ['PPPPPFFFFFPPPPP', 'fixed', 'a-5', 'a-10'],
    ['PPPPPFFFFFP', 'fixed', 'a-5', 'a-10'],
    ['PPPPPFFPFFP', 'fixing', 'a-5', 'a-10'],
    ['PPPPPFFPFFPPP', 'fixed', 'a-5', 'a-10'],
    ['FFFF', 'never_passed', 'a-0', undefined],
    ['PPPPPFFFFFPPPPPPPPPPF', 'fixed', 'a-5', 'a-10'],
  ])('%s: %s, since %s, passing since %s', async (runs, state, firstBad, fixedIn) => {
    await nightly(server, 'a', runs)
    const { results } = await get('/regressions/')
    const found = results.map(({ state, first_bad, fixed_in }: never) => [
      state,
      (first_bad as { job: string }).job,
      (fixed_in as { job: string } | null)?.job,
    ])
    expect(found).toEqual([[state, firstBad, fixedIn]])
  })
})

describe('how many more runs decide', () => {
  async function rerunOf(history: string) {
    await nightly(server, 'rack7', history)
    const { rerun, state } = await get(`/jobs/rack7-${history.length - 1}/tests/1-x/verdict/`)
    const { flake_rate, probability, ...more } = rerun
    return { state, flake_rate: flake_rate.toFixed(4), probability: probability.toFixed(4), ...more }
  }

  test('a failure of a flaky test with rate 0.1: 0.9048; one more failure or two passes; 29 passes prove a fix', async () => {
    expect(await rerunOf(FLAKY['F at 0.1'])).toEqual({
      state: 'flaky',
      ...{ flake_rate: '0.1000', probability: '0.9048' },
      ...{ more_runs: { if_fails: 1, if_passes: 2 }, to_prove_fix: 29 },
    })
  })

  test.each([
    ['FF at 0.1', '0.9890'],
    ['F at 0.3', '0.7600'],
    ['FF at 0.3', '0.9093'],
    ['FFF at 0.3', '0.9695'],
  ] as const)('%s: %s', async (history, probability) => {
    expect(await rerunOf(FLAKY[history])).toMatchObject({ probability })
  })
})
