// GET /jobs/compare/: the base that is chosen, the class of each test, and what else differs, over a socket.

import { describe, expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'

const server = withServer()
const HOUR = 3600 * 1_000_000
const PLACE = { host: 'rack7', branch: 'main', plan: 'nightly' }

const at = (hour: number) => formatTime(NOW - 1000 * HOUR + hour * HOUR)

/**
 * A job that ended at an hour.
 *
 * @param tests  by their names: the status, and after it the duration; several runs are parted by commas.
 */
async function ran(hour: number, tests: Record<string, string>, more: object = {}): Promise<string> {
  let number = 0
  const { id } = await server.makeJob({
    time: at(hour),
    status: 'FAIL',
    labels: PLACE,
    tests: Object.entries(tests).flatMap(([name, runs]) =>
      runs.split(',').map((run) => {
        const [status, seconds] = run.split(' ')
        number++
        return { tag: `${number}-${name}`, status, ...(seconds && { elapsed_time: Number(seconds) }) }
      }),
    ),
    ...more,
  })
  return id
}

async function compare(query: Record<string, string>) {
  const { status, body } = await server.client.get(`/jobs/compare/?${new URLSearchParams(query)}`)
  return { status, body }
}

/** The class of each test. */
async function classes(query: Record<string, string>): Promise<Record<string, string>> {
  const { body } = await compare(query)
  return Object.fromEntries(
    body.tests.map((one: { testcase: string; class: string }) => [one.testcase, one.class]),
  )
}

describe('classes', () => {
  test('the worked example', async () => {
    const base = await ran(1, { a: 'PASS', b: 'FAIL', c: 'PASS', d: 'PASS' })
    const job = await ran(2, { a: 'FAIL', b: 'PASS', c: 'FAIL', e: 'FAIL' })
    // That a test is flaky is known from its history.
    const { body } = await compare({ job, base })
    expect(body).toMatchObject({ job, base, count: 5, next: null, baseline: { rule: 'named' } })
    expect(await classes({ job, base })).toEqual({
      a: 'regression',
      b: 'fixed',
      c: 'regression',
      d: 'missing',
      e: 'new_test',
    })
    expect(body.counts).toMatchObject({ regression: 2, fixed: 1, missing: 1, new_test: 1, unchanged: 0 })
  })

  test('a base that flaked once hides no regression, and is not fixed', async () => {
    for (const hour of [1, 2, 3]) await ran(hour, { a: 'PASS', b: 'PASS', c: 'FAIL', d: 'PASS', e: 'PASS' })
    await ran(4, { a: 'PASS', b: 'PASS', c: 'FAIL', d: 'FAIL', e: 'FAIL' })
    const base = await ran(5, { a: 'FAIL', b: 'FAIL', c: 'FAIL', d: 'FAIL', e: 'FAIL' })
    const job = await ran(6, { a: 'PASS', b: 'FAIL', c: 'PASS', d: 'PASS', e: 'FAIL' })
    expect(await classes({ job, base })).toEqual({
      a: 'unchanged',
      b: 'regression',
      c: 'fixed',
      d: 'fixed_unsure',
      e: 'still_failing',
    })
  })

  test('skipped, interrupted and unfinished tests are not compared', async () => {
    const base = await ran(1, { a: 'SKIP', b: 'PASS', c: 'PASS', d: 'PASS' })
    const job = await ran(2, { a: 'PASS', b: 'CANCEL', c: 'INTERRUPTED', d: 'WARN' })
    expect(await classes({ job, base })).toEqual({
      a: 'not_comparable',
      b: 'not_comparable',
      c: 'not_comparable',
      d: 'unchanged',
    })
  })

  test('of several runs in a job the last counts', async () => {
    const base = await ran(1, { a: 'PASS', b: 'PASS', c: 'FAIL,PASS' })
    const job = await ran(2, { a: 'FAIL,PASS', b: 'PASS,FAIL', c: 'FAIL,SKIP' })
    expect(await classes({ job, base })).toEqual({ a: 'unchanged', b: 'regression', c: 'regression' })
    const { body } = await compare({ job, base, class: 'unchanged' })
    expect(body.tests).toMatchObject([{ testcase: 'a', job: { status: 'PASS', runs: 2 } }])
  })

  test('a test is slower or faster beyond the noise of its last runs', async () => {
    for (let hour = 1; hour <= 12; hour++) {
      const noise = 1 + ((hour * 7) % 5) / 100
      await ran(hour, {
        steady: `PASS ${10 * noise}`,
        quick: `PASS ${10 * noise}`,
        noisy: `PASS ${hour % 2 ? 10 : 16}`,
      })
    }
    const job = await ran(13, { steady: 'PASS 13', quick: 'PASS 7', noisy: 'PASS 13' })
    const { body } = await compare({ job })
    const [slower, faster, unchanged] = body.tests
    expect([slower.testcase, slower.class, faster.testcase, faster.class]).toEqual([
      'steady',
      'slower',
      'quick',
      'faster',
    ])
    expect(slower.ratio).toBeCloseTo(13 / (10 * 1.04), 10)
    expect(unchanged).toMatchObject({ testcase: 'noisy', class: 'unchanged' })
    expect(unchanged.ratio).toBeUndefined()
  })
})

describe('the base', () => {
  const tests = { a: 'PASS', b: 'PASS', c: 'PASS', d: 'PASS', e: 'PASS' }

  test('is the newest job before of the same host, branch and plan with 80 % of the test cases', async () => {
    const base = await ran(1, tests)
    await ran(2, { a: 'PASS', b: 'PASS', c: 'PASS', x: 'PASS', y: 'PASS' })
    await ran(3, tests, { labels: { ...PLACE, host: 'rack8' } })
    await ran(4, tests, { labels: { ...PLACE, branch: 'stable' } })
    await ran(5, tests, { labels: { ...PLACE, plan: 'weekly' } })
    await ran(5.5, tests, { labels: { host: 'rack7', branch: 'main' } })
    await ran(6, tests, { status: 'RUNNING' })
    const job = await ran(7, tests)
    await ran(8, tests)
    const { body } = await compare({ job })
    expect(body.base).toBe(base)
    expect(body.baseline).toEqual({
      rule: 'host',
      reason:
        'The newest job before it on rack7 of branch main and plan nightly that has at least 80 % of its test cases.',
    })
    expect(body.jobs.base).toMatchObject({
      id: base,
      host: 'rack7',
      branch: 'main',
      plan: 'nightly',
      over: true,
    })
  })

  test('was over when the job began, as far as its tests tell', async () => {
    const before = await ran(1, tests)
    const started = at(2)
    const body = JSON.stringify({
      job_id: 'long',
      tests: Object.keys(tests).map((name) => ({
        ...{ id: name, status: 'PASS', time: 3 * 3600 },
        actual_time_start: Date.parse(started) / 1000,
      })),
    })
    const labels = Object.entries(PLACE).map(([key, value]) => `label=${key}:${value}`)
    const reply = await server.client.request('POST', `/imports/?${labels.join('&')}`, { body })
    expect(reply.status).toBe(201)
    expect((await server.client.get('/jobs/long/')).body.wall_time).toBe(3 * 3600)
    const job = await ran(4, tests)
    expect((await compare({ job })).body.base).toBe(before)
  })

  test('is over: a job that reports now is not, but an import of an old one is', async () => {
    const results = (job_id: string, hour: number) =>
      JSON.stringify({
        job_id,
        tests: Object.keys(tests).map((id, index) => ({
          ...{ id, status: 'PASS', time: 1 },
          actual_time_start: Date.parse(at(hour)) / 1000 + index,
        })),
      })
    for (const [job, hour] of [
      ['imported', 1],
      ['now', 3],
    ] as const) {
      const reply = await server.client.request('POST', '/imports/?label=host:rack7', {
        body: results(job, hour),
      })
      expect(reply.status).toBe(201)
    }
    const { id: running } = await server.makeJob({
      ...{ time: at(2), labels: { host: 'rack7' } },
      tests: Object.keys(tests).map((tag) => ({ tag, status: 'PASS' })),
    })
    expect((await compare({ job: 'now' })).body).toMatchObject({
      base: 'imported',
      jobs: { base: { over: true }, job: { over: true } },
    })
    expect((await compare({ job: running })).body.jobs.job.over).toBe(false)
    server.now += 11 * 60 * 1_000_000
    expect((await compare({ job: 'now' })).body.base).toBe(running)
  })

  test('a job without a plan is compared with any', async () => {
    const base = await ran(1, tests, { labels: { ...PLACE, plan: 'weekly' } })
    const job = await ran(2, tests, { labels: { host: 'rack7', branch: 'main' } })
    expect((await compare({ job })).body.base).toBe(base)
  })

  test('where there is none, the answer says so, and compares nothing', async () => {
    await ran(1, { x: 'PASS' })
    const job = await ran(2, tests)
    const { status, body } = await compare({ job })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      base: null,
      base_number: null,
      jobs: { base: null },
      count: 0,
      tests: [],
      environment: null,
      baseline: {
        rule: 'none',
        reason:
          'No job that was over before it began has 80 % of its test cases on rack7 of branch main and plan nightly.',
      },
    })
  })

  test('last_good is the newest in which the tests that fail now did not fail', async () => {
    await ran(1, tests)
    const good = await ran(2, { ...tests, c: 'FAIL' })
    await ran(3, { ...tests, a: 'FAIL' })
    await ran(4, { ...tests, b: 'ERROR' })
    const job = await ran(5, { ...tests, a: 'FAIL', b: 'FAIL' })
    const { body } = await compare({ job, base: 'last_good' })
    expect(body.base).toBe(good)
    expect(body.baseline).toEqual({
      rule: 'last_good',
      reason:
        'The newest job before it on rack7 of branch main and plan nightly in which the 2 tests that fail now did not fail.',
    })
    const later = await ran(6, { ...tests, a: 'FAIL', c: 'FAIL', d: 'FAIL' })
    await ran(1.5, { ...tests, a: 'FAIL', b: 'FAIL', c: 'FAIL', d: 'FAIL' })
    expect((await compare({ job: later, base: 'last_good' })).body.baseline.rule).toBe('last_good')
  })

  test('a label finds the newest such job before, on the same host if there is one', async () => {
    const labels = { ...PLACE, build: '6.1' }
    const elsewhere = await ran(2, tests, { labels: { ...labels, host: 'rack8' } })
    const job = await ran(3, tests)
    expect((await compare({ job, base: 'label:build:6.1' })).body).toMatchObject({
      base: elsewhere,
      baseline: { rule: 'label', reason: 'The newest job before it with the label build:6.1.' },
    })
    const here = await ran(1, tests, { labels })
    expect((await compare({ job, base: 'label:build:6.1' })).body.base).toBe(here)
    expect((await compare({ job, base: 'label:build:6.2' })).body.base).toBeNull()
  })

  test('any two jobs can be named: by id, number, or the beginning of an id, also of different hosts', async () => {
    const base = await ran(9, tests, { labels: { host: 'rack8' } })
    const job = await ran(2, { ...tests, a: 'FAIL' })
    const { body } = await compare({ job: job.slice(0, 8).toUpperCase(), base: '1' })
    expect(body).toMatchObject({ base, base_number: 1, job, job_number: 2 })
    expect(body.counts).toMatchObject({ regression: 1, unchanged: 4 })
  })
})

describe('what cannot be compared', () => {
  test('is refused in a sentence', async () => {
    const job = await ran(1, { a: 'PASS' }, { id: 'night-1' })
    await ran(2, { a: 'PASS' }, { id: 'night-2' })
    const answers: [Record<string, string>, number, object][] = [
      [{}, 400, { job: ['This field is required.'] }],
      [{ job: 'gone' }, 404, { detail: 'There is no job "gone" on this server.' }],
      [{ job, base: 'gone' }, 404, { detail: 'There is no job "gone" on this server.' }],
      [
        { job: 'night' },
        409,
        { detail: 'The ids of several jobs begin with "night": name one by more of its id.' },
      ],
      [{ job, base: job }, 400, { base: ['This is the job itself: name another one to compare it with.'] }],
      [{ job, base: 'label:build' }, 400, { base: ['"build" is no label: write KEY:VALUE.'] }],
      [{ job, base: 'night-2', page: '2' }, 404, { detail: 'Not found' }],
    ]
    for (const [query, status, body] of answers) {
      expect({ query, ...(await compare(query)) }).toEqual({ query, status, body })
    }
    const { status, body } = await compare({ job, class: 'broken' })
    expect(status).toBe(400)
    expect(body.class[0]).toStartWith('"broken" is no class: use regression, unconfirmed, flaky')
  })

  test('a hidden or deleted job is none', async () => {
    const base = await ran(1, { a: 'PASS' })
    const job = await ran(2, { a: 'FAIL' })
    expect((await compare({ job })).body.base).toBe(base)
    expect((await server.client.delete(`/jobs/${base}/`)).status).toBe(204)
    expect((await compare({ job })).body.base).toBeNull()
    expect((await compare({ job, base })).status).toBe(404)
  })
})

test('tests are listed by class, reason and name, some classes and a page at a time; counts are of all', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `t${String(index).padStart(2, '0')}`)
  const all = (status: (index: number) => string) =>
    Object.fromEntries(names.map((name, index) => [name, status(index)]))
  const base = await ran(
    1,
    all((index) => (index < 5 ? 'FAIL' : 'PASS')),
  )
  const job = await ran(
    2,
    all((index) => (index < 3 || index > 26 ? 'FAIL' : 'PASS')),
  )
  const counts = { regression: 3, still_failing: 3, fixed: 2, unchanged: 22 }
  const { body } = await compare({ job, base })
  expect(body.counts).toMatchObject(counts)
  expect(body.tests.map(({ name }: { name: string }) => name)).toEqual([
    ...['t27', 't28', 't29', 't00', 't01', 't02', 't03', 't04'],
    ...names.slice(5, 27),
  ])
  const changed = await compare({ job, base, class: 'changed', page_size: '2', page: '2' })
  expect(changed.body).toMatchObject({
    counts,
    count: 5,
    tests: [{ name: 't29' }, { name: 't03' }],
    previous: expect.stringContaining('class=changed&page_size=2'),
    next: expect.stringContaining('page=3'),
  })
  const some = await compare({ job, base, class: 'FIXED, still_failing' })
  expect(some.body.tests.map((one: { class: string }) => one.class)).toEqual([
    ...['still_failing', 'still_failing', 'still_failing'],
    ...['fixed', 'fixed'],
  ])
})

describe('what was recorded', () => {
  const component = (name: string, text: string, kind = 'rpm', arch = 'x86_64') => {
    const [version, release = ''] = text.split('-')
    return { name, version, release, checksum: '', kind, arch }
  }
  const environment = async (version: string, components: object[]) => {
    const { headers } = await server.client.post('/testenvironments/', {
      distro: { name: 'fedora', version, release: '0', arch: 'x86_64' },
      installed_software_components: components,
    })
    return Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2))
  }
  const ranOn = (hour: number, environment: number | null, more = {}) =>
    ran(hour, {}, { tests: [{ tag: '1-a', status: 'PASS', environment }], ...more })

  test('components are changed, added or removed; the kernel first, several versions of one in pairs', async () => {
    const same = component('bash', '5.2-1')
    const before = await environment('42', [
      component('qemu-kvm', '10.0-1'),
      component('zlib', '1.3-2'),
      component('kernel-core', '6.1-1'),
      component('kernel-core', '6.2-1'),
      component('noarch-now', '1-1'),
      component('gone', '1-1'),
      component('Linux', '6.2-1', 'kernel'),
      component('dpkg-one', '1:1.0-1', 'deb'),
      same,
    ])
    const after = await environment('43', [
      component('qemu-kvm', '9.2-1'),
      component('zlib', '1.3-10'),
      component('kernel-core', '6.2-1'),
      component('kernel-core', '6.3-1'),
      component('noarch-now', '1-1', 'rpm', 'noarch'),
      component('come', '2-1'),
      component('Linux', '6.3-1', 'kernel'),
      component('dpkg-one', '1:1.0~rc1-1', 'deb'),
      same,
    ])
    const base = await ranOn(1, before)
    const job = await ranOn(2, after)
    const { body } = await compare({ job, base })
    const change = (name: string, from: string, to: string, direction: string, more = {}) => ({
      ...{ kind: 'rpm', name, arch: 'x86_64', from, to, direction },
      ...more,
    })
    expect(body.environment).toEqual({
      counts: { changed: 6, added: 1, removed: 1, same: 2 },
      distro: { from: 'fedora 42 x86_64', to: 'fedora 43 x86_64' },
      changed: [
        change('Linux', '6.2-1', '6.3-1', 'up', { kind: 'kernel' }),
        change('dpkg-one', '1:1.0-1', '1:1.0~rc1-1', 'down', { kind: 'deb' }),
        change('kernel-core', '6.1-1', '6.3-1', 'up'),
        change('noarch-now', '1-1', '1-1', 'same', { arch: 'noarch' }),
        change('qemu-kvm', '10.0-1', '9.2-1', 'down'),
        change('zlib', '1.3-2', '1.3-10', 'up'),
      ],
      added: [{ kind: 'rpm', name: 'come', arch: 'x86_64', version: '2-1' }],
      removed: [{ kind: 'rpm', name: 'gone', arch: 'x86_64', version: '1-1' }],
    })
    expect(body.jobs).toMatchObject({
      base: { environment: before, kernel: '6.2-1' },
      job: { environment: after, kernel: '6.3-1' },
    })
    // The same the other way round.
    const { body: swapped } = await compare({ job: base, base: job })
    expect(swapped.environment.counts).toEqual({ changed: 6, added: 1, removed: 1, same: 2 })
    expect(swapped.environment.changed[0]).toEqual(
      change('Linux', '6.3-1', '6.2-1', 'down', { kind: 'kernel' }),
    )
    const again = await ranOn(3, after)
    expect((await compare({ job: again, base: job })).body.environment).toEqual({
      counts: { changed: 0, added: 0, removed: 0, same: 9 },
      changed: [],
      added: [],
      removed: [],
    })
  })

  test('an unknown environment is not compared', async () => {
    const base = await ranOn(1, null)
    const job = await ranOn(2, await environment('43', []))
    const { body } = await compare({ job, base })
    expect([body.environment, body.jobs.base.environment]).toEqual([null, null])
  })

  test('labels and data that differ are parameters; those that are the same are not shown', async () => {
    const base = await ranOn(1, null, { labels: { ...PLACE, build: '1', tag: ['x', 'y'] } })
    const job = await ranOn(2, null, { labels: { ...PLACE, build: '2', tag: ['x', 'y'] } })
    const add = (id: string, key: string, value: string, category = 'avocado') =>
      server.client.post(`/jobs/${id}/data/`, { category, key, value })
    for (const id of [base, job]) {
      await add(id, 'version', '110.0')
      await add(id, 'command line', `avocado run ${id === job ? 'b' : 'a'}.py`)
      await add(id, 'exit code', id === job ? '1' : '0')
      await add(id, 'named after its tests', `${id}.py`)
      await add(id, 'meminfo', `-MemFree: ${id} kB`, 'sysinfo changes')
    }
    await add(base, 'seed', '7', 'lab')
    await add(job, 'note', 'x'.repeat(3000), 'lab')
    const { body } = await compare({ job, base })
    expect(body.parameters).toEqual([
      { category: 'label', key: 'build', from: '1', to: '2' },
      { category: 'avocado', key: 'command line', from: 'avocado run a.py', to: 'avocado run b.py' },
      { category: 'lab', key: 'seed', from: '7', to: null },
      { category: 'lab', key: 'note', from: null, to: 'x'.repeat(2000) },
    ])
  })
})
