// Comparisons that need what is derived from earlier runs in the background: flakes, reasons, regressions elsewhere.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const HOUR = 3600 * 1_000_000
const at = (hour: number) => formatTime(NOW - 500 * HOUR + hour * HOUR)

/** @param tests  by their names: the status, or a fail reason. */
async function ran(
  hour: number,
  tests: Record<string, string>,
  more: { host?: string; environment?: number } = {},
) {
  const { host = 'rack7', environment } = more
  const { id } = await server.makeJob({
    time: at(hour),
    status: 'FAIL',
    labels: { host, branch: 'main' },
    tests: Object.entries(tests).map(([name, text], index) => ({
      tag: `${index + 1}-${name}`,
      status: /^[A-Z]+$/.test(text) ? text : 'FAIL',
      ...(!/^[A-Z]+$/.test(text) && { fail_reason: text }),
      ...(environment !== undefined && { environment }),
    })),
  })
  return id
}

async function compare(query: Record<string, string>) {
  return (await server.client.get(`/jobs/compare/?${new URLSearchParams(query)}`)).body
}

/** Runs of some tests, a letter for each: P and F. */
async function history(runs: Record<string, string>): Promise<void> {
  const length = Math.max(...Object.values(runs).map((text) => text.length))
  for (let hour = 0; hour < length; hour++) {
    const tests = Object.entries(runs).map(([name, text]) => [name, text[hour] === 'F' ? 'FAIL' : 'PASS'])
    await ran(hour, Object.fromEntries(tests))
  }
}

test('a failure of a flaky test is no regression yet, and one that may be a flake is perhaps one', async () => {
  await history({
    flaky: 'PPFPPFPPPFPPFPPPPFPP',
    steady: 'PPPPPPPPPPPPPPPPPPPP',
    once: 'PPPPPPPPPPPPFFPPPPPP',
  })
  const job = await ran(30, { flaky: 'FAIL', steady: 'FAIL', once: 'FAIL' })
  await settle(server)
  const { tests, incomplete } = await compare({ job })
  expect(incomplete).toBeUndefined()
  const [steady, once, flaky] = tests
  expect(steady).toMatchObject({ name: 'steady', class: 'regression', streak: 1 })
  expect(steady.probability).toBeCloseTo(0.95 / (0.95 + 0.25 / 30), 10)
  expect(once).toMatchObject({ name: 'once', class: 'unconfirmed', more_runs: { if_fails: 1 } })
  expect(once.flake_rate).toBeCloseTo(2.25 / 30, 10)
  expect(flaky).toMatchObject({ name: 'flaky', class: 'flaky' })
  expect(flaky.flake_rate).toBeGreaterThan(0.15)
  // The second failure in a row settles it for the one, and for the other not yet.
  const next = await ran(31, { flaky: 'FAIL', steady: 'FAIL', once: 'FAIL' })
  await settle(server)
  const later = await compare({ job: next, base: 'last_good' })
  const found = new Map<string, { class: string; streak: number }>(
    later.tests.map((one: { name: string }) => [one.name, one]),
  )
  expect(found.get('once')).toMatchObject({ class: 'regression', streak: 2 })
  expect(found.get('flaky')).toMatchObject({ streak: 2 })
})

test('regressions with one reason stand together, however the values in it differ', async () => {
  const names = ['a', 'b', 'c', 'd']
  const passed = Object.fromEntries(names.map((name) => [name, 'PASS']))
  const base = await ran(1, passed)
  const job = await ran(2, {
    a: 'Guest vm1 did not boot within 240 seconds',
    b: 'no such device',
    c: 'Guest vm7 did not boot within 120 seconds',
    d: 'Test died without reporting the status.',
  })
  const shown = async () => {
    const { tests, reasons } = await compare({ job, base })
    return {
      reasons,
      tests: tests.map((one: { name: string; template: string }) => [one.name, one.template]),
    }
  }
  const expected = {
    reasons: 3,
    tests: [
      ['a', 'Guest <*> did not boot within <*> seconds'],
      ['c', 'Guest <*> did not boot within <*> seconds'],
      ['d', 'd: Test died without reporting the status.'],
      ['b', 'no such device'],
    ],
  }
  // Before the background has looked at the reasons, and after that.
  expect(await shown()).toEqual(expected)
  expect((await compare({ job, base })).incomplete).toBe(true)
  await settle(server)
  expect(await shown()).toEqual(expected)
})

const environmentOf = async (distro: object, components: object[] = []) => {
  const { headers } = await server.client.post('/testenvironments/', {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64', ...distro },
    installed_software_components: components,
  })
  return Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2))
}

test('a host without such a job before is compared with the newest on its distribution', async () => {
  const tests = { a: 'PASS', b: 'PASS' }
  const fedora43 = await environmentOf({})
  const release = await environmentOf({ release: '1' })
  const other = await environmentOf({ version: '42' })
  await ran(1, tests, { host: 'rack1', environment: fedora43 })
  const newest = await ran(2, tests, { host: 'rack2', environment: release })
  await ran(3, tests, { host: 'rack3', environment: other })
  await ran(4, { x: 'PASS' }, { host: 'rack4', environment: fedora43 })
  const job = await ran(5, tests, { host: 'rack7', environment: fedora43 })
  await settle(server)
  const { base, baseline, jobs } = await compare({ job })
  expect(base).toBe(newest)
  expect(baseline).toEqual({
    rule: 'distro',
    reason:
      'No earlier job on rack7 of branch main has 80 % of its test cases. This is the newest on fedora 43 x86_64 that has, on rack2.',
  })
  expect(jobs.job.distro).toBe('fedora 43 x86_64')
  const unlike = await ran(6, { y: 'PASS' }, { host: 'rack7', environment: fedora43 })
  await settle(server)
  expect((await compare({ job: unlike })).baseline.reason).toBe(
    'No job that was over before it began has 80 % of its test cases, neither on rack7 of branch main, nor on fedora 43 x86_64.',
  )
})

test('what another host got when the same tests broke there', async () => {
  const component = (name: string, version: string) => ({
    ...{ name, version, release: '1', checksum: '', kind: 'rpm', arch: 'x86_64' },
  })
  const of = (qemu: string, edk2: string, glib: string) =>
    environmentOf({}, [component('qemu-kvm', qemu), component('edk2', edk2), component('glib2', glib)])
  const good = { boot: 'PASS', run: 'PASS' }
  const bad = { boot: 'Guest vm1 died', run: 'PASS' }
  const rack7 = { before: await of('9', '1', '1'), after: await of('10', '2', '2') }
  const rack8 = { before: await of('9', '1', '0'), after: await of('10', '2', '1') }
  for (let hour = 0; hour < 12; hour++) {
    await ran(hour, hour < 8 ? good : bad, {
      host: 'rack8',
      environment: hour < 8 ? rack8.before : rack8.after,
    })
    if (hour < 10) await ran(hour + 0.5, good, { environment: rack7.before })
  }
  const job = await ran(20, bad, { environment: rack7.after })
  await settle(server)
  const { also_on, environment: difference, baseline } = await compare({ job })
  expect(baseline.rule).toBe('host')
  expect(difference.counts.changed).toBe(3)
  expect(also_on).toMatchObject([
    {
      host: 'rack8',
      tests: 1,
      components: [
        { kind: 'rpm', name: 'edk2', to: '2-1' },
        { kind: 'rpm', name: 'qemu-kvm', to: '10-1' },
      ],
    },
  ])
})

test('a test that hung failed, but not one that was cut off with its whole job', async () => {
  const base = await ran(1, { hung: 'PASS', cut: 'PASS', other: 'PASS' })
  const interrupted = {
    status: 'INTERRUPTED',
    fail_reason: 'Test timed out after 60 seconds',
    elapsed_time: 60,
  }
  const make = async (hour: number, labels: object) => {
    const tests = [
      { tag: '1-hung', ...interrupted, started: at(hour) },
      { tag: '2-other', status: 'PASS', started: at(hour + 1) },
      { tag: '3-cut', ...interrupted, started: at(hour + 1) },
    ]
    const head = { time: at(hour), status: 'ERROR', labels: { host: 'rack7', branch: 'main', ...labels } }
    return (await server.makeJob({ ...head, tests })).id
  }
  const classesOf = async (job: string) => {
    const { tests } = await compare({ job, base })
    return Object.fromEntries(tests.map((one: { name: string; class: string }) => [one.name, one.class]))
  }
  expect(await classesOf(await make(3, { job_timeout: '2h' }))).toEqual({
    hung: 'regression',
    cut: 'not_comparable',
    other: 'unchanged',
  })
  expect(await classesOf(await make(6, {}))).toMatchObject({ hung: 'regression', cut: 'regression' })
})
