// /triage/ over a socket: a lab of 400 nightly jobs in which it is known what is wrong, and jobs made by hand.

import { beforeAll, describe, expect, test } from 'bun:test'
import { BROKEN_HOSTS, BROKEN_TESTS, loadMorningLab, makeMorningLab, SINCE } from '../../support/labs/morning'
import { NOW, withServer, withSharedServer } from '../../support/server'
import { signIn } from '../../support/session'
import { settle } from '../../support/settled'

const DAY_MS = 24 * 3_600_000
/** When the last night was over. */
const END = Date.UTC(2026, 10, 24, 6)
const LAST_NIGHT = 'since=2026-11-23T18:00'
const groups = ['new', 'still_failing', 'fixed', 'never_passed', 'flaky'] as const

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Cause = any

const lineOf = ({ state, template, tests, hosts, failures }: Cause) => ({
  state,
  template,
  tests,
  hosts,
  failures,
})

describe('a lab in the morning', () => {
  const server = withSharedServer()
  const jobs = makeMorningLab({ end: END })
  const ask = async (query: string) => {
    const { status, body } = await server.stranger.get(`/triage/?${query}`)
    expect([query, status]).toEqual([query, 200])
    return body
  }

  beforeAll(async () => {
    await loadMorningLab(server.client, jobs)
    await settle(server)
  })

  test('last night: each failure is in one cause, what is new stands first', async () => {
    const body = await ask(LAST_NIGHT)
    const { window } = body
    expect(window).toEqual({
      from: '2026-11-23T18:00:00Z',
      to: '2026-11-24T12:00:00Z',
      ...{ jobs: 8, tests: 233, hosts: 8, failures: 10, truncated: false },
      last_job: { job: 'kvm-s390-01-049', job_number: expect.any(Number), time: '2026-11-23T22:07:00Z' },
    })
    expect(body.incomplete).toBeUndefined()
    expect(Object.fromEntries(groups.map((group) => [group, body[group].results.map(lineOf)]))).toEqual({
      new: [
        {
          state: 'new',
          template: 'Migration failed: guest <*> terminated by signal 6 (multifd_recv_sync_main)',
          ...{ tests: BROKEN_TESTS.length, hosts: BROKEN_HOSTS, failures: 6 },
        },
      ],
      still_failing: [
        {
          state: 'still_failing',
          template: 'KVM_SEV_ATTESTATION: No such device',
          ...{ tests: 1, hosts: ['kvm-amd-02'], failures: 1 },
        },
      ],
      fixed: [
        {
          state: 'fixed',
          template: 'Job <*> did not become ready',
          ...{ tests: 1, hosts: ['kvm-intel-01'], failures: 0 },
        },
      ],
      never_passed: [
        {
          state: 'never_passed',
          template: 'Nested guest did not answer',
          ...{ tests: 1, hosts: ['kvm-intel-01'], failures: 1 },
        },
      ],
      flaky: [
        {
          state: 'flaky',
          template: 'Hot-plugged disk <*> not found in the guest after <*> seconds',
          ...{ tests: 1, hosts: ['kvm-arm-02'], failures: 1 },
        },
        {
          state: 'flaky',
          template: 'Clock of the guest is <*> ms off, allowed <*>',
          ...{ tests: 1, hosts: ['kvm-amd-02'], failures: 1 },
        },
      ],
    })
    const failures = groups.flatMap((group) => body[group].results.map(({ failures }: Cause) => failures))
    expect(failures.reduce((sum, count) => sum + count, 0)).toBe(window.failures)
  })

  test('a cause tells since when, the last good job, and a failure to look at', async () => {
    const { new: fresh, still_failing: old, fixed } = await ask(LAST_NIGHT)
    const [cause] = fresh.results
    expect(cause.first_bad).toMatchObject({
      job: 'kvm-amd-01-049',
      host: 'kvm-amd-01',
      time: '2026-11-23T22:00:00Z',
    })
    expect(cause.last_good).toMatchObject({ job: 'kvm-amd-01-048', host: 'kvm-amd-01' })
    expect(cause.sample).toMatchObject({ job: 'kvm-intel-02-049', status: 'FAIL', host: 'kvm-intel-02' })
    expect(cause.sample.fail_reason).toMatch(/^Migration failed: guest vm\d+ terminated by signal 6/)
    expect(cause.probability).toBeGreaterThan(0.95)
    const attest = jobs.find(({ host, night }) => host === 'kvm-amd-02' && night === SINCE.attest)
    expect(old.results[0]).toMatchObject({
      first_bad: { job: attest?.id },
      streak: SINCE.attest,
      in_window: true,
    })
    expect(fixed.results[0]).toMatchObject({ fixed_in: { job: 'kvm-intel-01-049' }, in_window: true })
  })

  test('the tests of a cause: failures of runs by host, and where they pass', async () => {
    const [cause] = (await ask(LAST_NIGHT)).new.results
    const { status, body } = await server.stranger.get(`/triage/${cause.id}/tests/?${LAST_NIGHT}&page_size=2`)
    expect(status).toBe(200)
    expect(body.count).toBe(3)
    expect(body.next).toContain(`/triage/${cause.id}/tests/`)
    expect(body.results.map(({ name }: Cause) => name)).toEqual(BROKEN_TESTS.toSorted().slice(0, 2))
    for (const { hosts, passes_on } of body.results) {
      expect(hosts.map(({ host, failed, runs }: Cause) => [host, failed, runs])).toEqual(
        BROKEN_HOSTS.map((host) => [host, 1, 1]),
      )
      expect(passes_on).toBe(6)
    }
    const [old] = (await ask(LAST_NIGHT)).still_failing.results
    const tests = (await server.stranger.get(`/triage/${old.id}/tests/?${LAST_NIGHT}`)).body.results
    expect(tests[0].hosts).toMatchObject([{ host: 'kvm-amd-02', failed: SINCE.attest, runs: SINCE.attest }])
  })

  test('a night without a network passed again: it is no news, one line, and names its host', async () => {
    const { flaky } = await ask('since=2026-11-22T18:00')
    const cause = flaky.results.find(({ state }: Cause) => state === 'passed_again')
    expect(lineOf(cause)).toEqual({
      state: 'passed_again',
      template: 'ssh: connect to host <*> port <*> No route to host',
      ...{ tests: 15, hosts: ['kvm-ppc-01'], failures: 15 },
    })
  })

  test('since a job is since it began', async () => {
    const { window } = await ask('since=kvm-amd-01-049')
    expect(window).toMatchObject({ from: '2026-11-23T22:00:00Z', jobs: 8 })
  })

  test('an older window: what began before it still fails, what began after its end does not', async () => {
    const body = await ask('since=2026-11-20T18:00&until=2026-11-22T18:00')
    expect(body.new.count).toBe(0)
    expect(body.window).toMatchObject({ jobs: 16, to: '2026-11-22T18:00:00Z' })
  })

  test('labels, hosts and components choose whose failures count', async () => {
    const states = async (query: string) => {
      const body = await ask(`${LAST_NIGHT}&${query}`)
      return [
        body.window.jobs,
        groups.map((group) => body[group].results.map(({ hosts }: Cause) => hosts.join())),
      ]
    }
    expect(await states('host=kvm-amd-02')).toEqual([1, [[], ['kvm-amd-02'], [], [], ['kvm-amd-02']]])
    expect(await states('label=!host:kvm-amd-01&branch=main')).toEqual([
      7,
      [['kvm-intel-02'], ['kvm-amd-02'], ['kvm-intel-01'], ['kvm-intel-01'], ['kvm-arm-02', 'kvm-amd-02']],
    ])
    expect(await states('component=qemu-kvm>=9.2.0-3.fc41')).toEqual([
      2,
      [['kvm-amd-01,kvm-intel-02'], [], [], [], []],
    ])
    expect(await states('branch=other')).toEqual([0, [[], [], [], [], []]])
  })

  test('groups are paged apart', async () => {
    const first = await ask(`${LAST_NIGHT}&page_size=1`)
    expect(first.flaky).toMatchObject({ count: 2, previous: null })
    const next = await server.stranger.get(first.flaky.next.slice(server.origin.length))
    expect(Object.keys(next.body)).toEqual(['window', 'flaky'])
    expect(next.body.flaky).toMatchObject({ count: 2, next: null })
    expect(next.body.flaky.results[0].id).not.toBe(first.flaky.results[0].id)
  })

  test.each([
    ['since=nothing', 404, 'There is no job "nothing" on this server.'],
    ['since=2026-11-25T00:00&until=2026-11-24T00:00', 400, 'The window begins after its end'],
    ['since=looked', 400, 'Nobody is signed in: send looked_at'],
    ['group=old', 400, '"old" is no group'],
    ['sinse=looked', 400, 'Did you mean since?'],
    ['label=', 200, ''],
    ['until=yesterday', 400, 'Datetime has wrong format'],
  ])('%s: %d', async (query, status, sentence) => {
    const reply = await server.stranger.get(`/triage/?${query}`)
    expect(reply.status).toBe(status)
    expect(JSON.stringify(reply.body).replaceAll('\\"', '"')).toContain(sentence)
  })

  test('a cause that is not there: 404 with a sentence', async () => {
    const { status, body } = await server.stranger.get(`/triage/new-r999/tests/?${LAST_NIGHT}`)
    expect([status, body.detail]).toEqual([404, expect.stringContaining('There is no cause "new-r999"')])
  })

  test('unchanged causes are not sent again', async () => {
    const { headers } = await server.stranger.get(`/triage/?${LAST_NIGHT}`)
    const again = server.stranger.with({ 'if-none-match': headers.get('etag') ?? '' })
    server.now += 60_000_000
    expect((await again.get(`/triage/?${LAST_NIGHT}`)).status).toBe(304)
    server.now = NOW
  })
})

describe('looked at', () => {
  const server = withServer()

  test('each user has a mark, a reader and one with a session, too', async () => {
    const { body } = await server.client.post('/users/', {
      username: 'ann',
      role: 'reader',
      password: 'correct horse',
    })
    expect(body.username).toBe('ann')
    const ann = await signIn(server.stranger, 'ann', 'correct horse')
    expect((await ann.get('/triage/looked/')).body).toEqual({ looked_at: null })
    expect((await ann.get('/triage/')).body).toMatchObject({
      looked_at: null,
      window: { from: '2026-11-23T12:00:00Z' },
    })
    const marked = await ann.post('/triage/looked/', { time: '2026-11-24T07:42:00Z' })
    expect(marked).toMatchObject({ status: 200, body: { looked_at: '2026-11-24T07:42:00Z' } })
    expect((await ann.get('/triage/?since=looked')).body.window.from).toBe('2026-11-24T07:42:00Z')
    expect((await server.client.get('/triage/looked/')).body).toEqual({ looked_at: null })
    expect((await ann.post('/triage/looked/')).body).toEqual({ looked_at: '2026-11-24T12:00:00Z' })
    expect((await ann.post('/triage/looked/', { time: null })).body).toEqual({ looked_at: null })
  })

  test('without a user there is no mark, but a browser may bring its own', async () => {
    expect((await server.stranger.get('/triage/looked/')).status).toBe(401)
    expect((await server.stranger.post('/triage/looked/', {})).status).toBe(401)
    const { body } = await server.stranger.get('/triage/?since=looked&looked_at=2026-11-24T07:42:00Z')
    expect(body.window.from).toBe('2026-11-24T07:42:00Z')
    expect(body).not.toHaveProperty('looked_at')
  })

  test('a time that has not come is refused, and the mark stays', async () => {
    await server.client.post('/triage/looked/', { time: '2026-11-24T07:42:00Z' })
    const refused = await server.client.post('/triage/looked/', { time: '2026-11-25T07:42:00Z' })
    expect(refused).toMatchObject({
      status: 400,
      body: { time: [expect.stringContaining('has not come yet')] },
    })
    expect((await server.client.get('/triage/looked/')).body).toEqual({ looked_at: '2026-11-24T07:42:00Z' })
  })

  test('what ran before somebody looked, and arrived after, is news', async () => {
    const job = (day: number, status: string) => ({
      ...{ time: new Date(END - day * DAY_MS).toISOString(), labels: { host: 'rack7' } },
      tests: [{ tag: '1-boot', status, started: new Date(END - day * DAY_MS).toISOString() }],
    })
    for (let day = 30; day > 1; day--) await server.client.post('/jobs/', job(day, 'PASS'))
    await server.client.post('/triage/looked/', {})
    server.now += 3600 * 1_000_000
    await server.client.post('/jobs/', job(1, 'FAIL'))
    await settle(server)
    const looked = (await server.client.get('/triage/?since=looked')).body
    expect(looked.new.results).toMatchObject([{ name: 'boot', state: 'new', failures: 1, hosts: ['rack7'] }])
    const byTime = (await server.client.get('/triage/?since=2026-11-24T12:00')).body
    expect(byTime.new.count).toBe(0)
  })
})

describe('causes', () => {
  const server = withServer()
  const night = (day: number, host: string, tests: Record<string, string | null>) => {
    const time = new Date(END - day * DAY_MS).toISOString()
    return server.client.post('/jobs/', {
      ...{ time, labels: { host } },
      tests: Object.entries(tests).map(([name, reason], at) => ({
        tag: `${at + 1}-${name}`,
        started: time,
        ...(reason === 'passes' ? { status: 'PASS' } : { status: 'FAIL', fail_reason: reason }),
      })),
    })
  }
  const names = Array.from({ length: 8 }, (_, index) => `test-${'abcdefgh'[index]}`)
  const all = (reasonOf: (name: string) => string | null) =>
    Object.fromEntries(names.map((name) => [name, reasonOf(name)]))

  test('many tests that break in one job for different reasons are one cause: their host', async () => {
    for (let day = 20; day >= 2; day--)
      await night(
        day,
        'rack7',
        all(() => 'passes'),
      )
    await night(
      1,
      'rack7',
      all((name) => (name > 'test-f' ? 'passes' : `${name} is gone`)),
    )
    await settle(server)
    const { new: fresh } = (await server.client.get('/triage/?since=2026-11-22T00:00')).body
    expect(fresh.results).toMatchObject([
      { kind: 'host', tests: 6, reasons: 6, template: null, hosts: ['rack7'], state: 'new' },
    ])
    const tests = (await server.client.get(`/triage/${fresh.results[0].id}/tests/?since=2026-11-22T00:00`))
      .body
    expect(tests.results.map(({ template }: Cause) => template)).toEqual(
      names.slice(0, 6).map((name) => `${name} is gone`),
    )
  })

  test('failures without a reason that says anything have nothing in common but their test', async () => {
    for (let day = 20; day >= 2; day--)
      await night(day, 'rack7', { a: 'passes', 'b;x': 'passes', 'b;y': 'passes' })
    await night(1, 'rack7', { a: null, 'b;x': null, 'b;y': 'Test died without reporting the status.' })
    await settle(server)
    const { new: fresh } = (await server.client.get('/triage/?since=2026-11-22T00:00')).body
    expect(
      fresh.results
        .map(({ kind, name, tests }: Cause) => [kind, name, tests])
        .sort()
        .reverse(),
    ).toEqual([
      ['test', 'b', 1],
      ['test', 'a', 1],
      ['reason', 'b', 1],
    ])
  })

  test('a regression that spreads is no news, but says on which host it is new', async () => {
    for (const host of ['rack7', 'rack8']) {
      for (let day = 30; day >= 2; day--) {
        await night(day, host, { boot: host === 'rack7' && day < 15 ? 'no disk' : 'passes' })
      }
      await night(1, host, { boot: 'no disk' })
    }
    await settle(server)
    const { new: fresh, still_failing: old } = (await server.client.get('/triage/?since=2026-11-22T18:00'))
      .body
    expect(fresh.count).toBe(0)
    expect(old.results).toMatchObject([{ hosts: ['rack7', 'rack8'], new_hosts: ['rack8'], failures: 2 }])
  })

  test('what fails nearly always on a host is no regression, and fails since its streak began', async () => {
    for (let day = 30; day >= 1; day--) {
      if (day === 1) server.now += 3600 * 1_000_000
      await night(day, 'rack7', { boot: day === 15 ? 'passes' : 'no disk' })
      await night(day, 'rack8', { boot: 'passes' })
    }
    await settle(server)
    for (const since of ['since=2026-11-22T18:00', 'since=looked&looked_at=2026-11-24T12:30:00Z']) {
      const { body } = await server.stranger.get(`/triage/?${since}`)
      const [cause] = body.still_failing.results
      expect([since, body.new.count, body.still_failing.count]).toEqual([since, 0, 1])
      const at = (day: number) => new Date(END - day * DAY_MS).toISOString().replace('.000', '')
      expect(cause).toMatchObject({ since: at(14), new_hosts: [], streak: 14, failures: 1 })
      expect([cause.first_bad.time, cause.last_good.time, cause.last_bad.time]).toEqual([14, 15, 1].map(at))
      const tests = (await server.stranger.get(`/triage/${cause.id}/tests/?${since}`)).body
      expect(tests.results[0].hosts).toMatchObject([{ host: 'rack7', failed: 14, runs: 14 }])
    }
  })

  test('a pass in the window makes no news of what nearly always fails', async () => {
    for (let day = 30; day >= 1; day--)
      await night(day, 'rack7', {
        boot: day === 2 ? 'passes' : 'no disk',
        usb: day > 20 ? 'no disk' : 'passes',
      })
    await settle(server)
    const { body } = await server.stranger.get('/triage/?since=2026-11-20T18:00')
    expect([body.new.count, body.still_failing.count]).toEqual([0, 1])
    expect(body.still_failing.results[0]).toMatchObject({ name: 'boot', failures: 2, new_hosts: [] })
  })

  test('until the background has looked, an answer is incomplete, and what failed is in it', async () => {
    await night(1, 'rack7', { boot: 'no disk' })
    const before = (await server.client.get('/triage/?since=2026-11-22T00:00')).body
    expect(before).toMatchObject({ incomplete: true, window: { failures: 1 }, new: { count: 1 } })
    await settle(server)
    const after = (await server.client.get('/triage/?since=2026-11-22T00:00')).body
    expect(after.incomplete).toBeUndefined()
    expect(after.never_passed.results).toMatchObject([{ template: 'no disk', failures: 1 }])
  })

  test('a deleted job takes its cause with it', async () => {
    for (let day = 20; day >= 2; day--) await night(day, 'rack7', { boot: 'passes' })
    const { body } = await night(1, 'rack7', { boot: 'no disk' })
    await settle(server)
    expect((await server.client.get('/triage/?since=2026-11-22T00:00')).body.new.count).toBe(1)
    await server.client.delete(`/jobs/${body.id}/`)
    await settle(server)
    const after = (await server.client.get('/triage/?since=2026-11-22T00:00')).body
    expect(groups.map((group) => after[group].count)).toEqual([0, 0, 0, 0, 0])
  })
})
