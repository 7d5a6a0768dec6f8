// GET /tests/history/: the runs of a test over all jobs, and each series of them.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY, environmentOf, nightly } from '../series/lab'

const server = withServer()

const ask = async (query: string) => {
  const { status, body } = await server.client.get(`/tests/history/?${query}`)
  expect(status).toBe(200)
  return body
}
const strip = (runs: { outcome: string; flake: boolean }[]) =>
  runs
    .map(({ outcome, flake }) => ({ failed: flake ? 'f' : 'F', passed: 'P', none: '-' })[outcome])
    .reverse()
    .join('')

test('one strip over two hosts looks flaky, and each host tells its own story', async () => {
  await nightly(server, 'a', 'PPFP')
  await nightly(server, 'b', 'FFFF')
  const body = await ask('name=x')
  expect(body.count).toBe(8)
  const ofHost = (host: string) => body.runs.filter((run: { host: string }) => run.host === host)
  expect(strip(ofHost('a'))).toBe('PPfP')
  expect(strip(ofHost('b'))).toBe('FFFF')
  expect(
    body.series.map(({ host, state, since, streak, runs, failures, flakes }: never) => ({
      host,
      state,
      since,
      streak,
      runs,
      failures,
      flakes,
    })),
  ).toEqual([
    {
      host: 'b',
      state: 'failing',
      since: expect.objectContaining({ job: 'b-0' }),
      streak: 4,
      runs: 4,
      failures: 4,
      flakes: 0,
    },
    {
      host: 'a',
      state: 'passing',
      since: expect.objectContaining({ job: 'a-3' }),
      streak: 1,
      runs: 4,
      failures: 1,
      flakes: 1,
    },
  ])
  expect(body.window).toEqual({
    from: '2026-08-26T00:00:00Z',
    to: '2026-11-24T12:01:00Z',
    runs: 8,
    truncated: false,
  })
  expect(body.incomplete).toBe(true)
  await settle(server)
  expect('incomplete' in (await ask('name=x'))).toBe(false)
})

test('the whole of a run', async () => {
  const old = await environmentOf(server, '43', ['bash=1', 'qemu-kvm=9.1', 'vim=1'])
  const updated = await environmentOf(server, '43', ['bash=1', 'qemu-kvm=9.2', 'nano=1'])
  await nightly(server, 'a', 'PF', {
    tag: '7-io.py:Io.test;disk-ide',
    environments: [old, updated],
    reason: 'exit status 139 after 12 s',
  })
  await settle(server)
  const { body: job } = await server.client.get('/jobs/a-1/')
  const body = await ask('testcase=io.py:Io.test;disk-ide')
  expect(body.runs[0]).toEqual({
    job: 'a-1',
    job_number: job.number,
    test: job.tests[0].id,
    testcase: 'io.py:Io.test;disk-ide',
    time: formatTime(NOW - DAY),
    host: 'a',
    branch: 'main',
    distro: 'fedora 43 x86_64',
    environment: updated,
    status: 'FAIL',
    outcome: 'failed',
    elapsed_time: null,
    template: 'exit status 139 after <*> s',
    flake: false,
    changed: 3,
  })
  expect(body.runs[1]).toMatchObject({ outcome: 'passed', template: null, changed: null, environment: old })
  expect(body.testcases).toEqual([
    {
      ...{ testcase: 'io.py:Io.test;disk-ide', suite: '', name: 'io.py:Io.test', variant: 'disk-ide' },
      ...{ rate: expect.any(Number), low: expect.any(Number), high: expect.any(Number), flaky: false },
      streaks: { runs: 1, flakes: 0, events: 0, rate: 0, low: 0 },
    },
  ])
})

test('tests are named whole, by name with all variants, or by words of the variant', async () => {
  await nightly(server, 'a', 'P', { tag: '1-io;disk-ide-q35' })
  await nightly(server, 'b', 'P', { tag: '1-io;disk-nvme-q35' })
  await nightly(server, 'c', 'P', { tag: '1-io' })
  await nightly(server, 'd', 'P', { tag: '1-io2' })
  const cases = async (query: string) => (await ask(query)).testcases.map(({ testcase }: never) => testcase)
  expect(await cases('name=io')).toEqual(['io', 'io;disk-ide-q35', 'io;disk-nvme-q35'])
  expect(await cases('testcase=io;disk-ide-q35')).toEqual(['io;disk-ide-q35'])
  expect(await cases('name=io&variant=disk-nvme-q35')).toEqual(['io;disk-nvme-q35'])
  expect(await cases('name=io&variant=q35')).toEqual(['io;disk-ide-q35', 'io;disk-nvme-q35'])
  expect(await cases('name=io&variant=q35 ide')).toEqual(['io;disk-ide-q35'])
  const { client } = server
  expect((await client.get('/tests/history/?name=unknown')).status).toBe(404)
  expect((await client.get('/tests/history/')).body).toEqual({
    name: ['Name a test: name=NAME, or testcase=NAME;VARIANT as in a tag.'],
  })
})

test('filters leave out runs; flakes and states stay those of the series', async () => {
  const old = await environmentOf(server, '43', ['qemu-kvm=9.1'])
  const updated = await environmentOf(server, '43', ['qemu-kvm=9.2'])
  await nightly(server, 'a', 'PFPS', { environments: [old, old, updated, updated] })
  await nightly(server, 'b', 'PPFF', { branch: 'next' })
  const jobs = async (query: string) => (await ask(`name=x&${query}`)).runs.map(({ job }: never) => job)
  expect(await jobs('host=a')).toEqual(['a-3', 'a-2', 'a-1', 'a-0'])
  expect(await jobs('host=a&outcome=failed')).toEqual(['a-1'])
  expect((await ask('name=x&host=a&outcome=failed')).runs[0].flake).toBe(true)
  expect(await jobs('outcome=none')).toEqual(['a-3'])
  expect(await jobs('branch=next&outcome=passed')).toEqual(['b-1', 'b-0'])
  expect(await jobs('label=branch:next')).toEqual(['b-3', 'b-2', 'b-1', 'b-0'])
  expect(await jobs(`environment=${updated}`)).toEqual(['a-3', 'a-2'])
  expect(await jobs('component=qemu-kvm>=9.2')).toEqual(['a-3', 'a-2'])
  expect((await ask('name=x&host=a')).series.map(({ host }: never) => host)).toEqual(['a'])
  expect(await jobs('days=2')).toEqual(['b-3', 'a-3', 'b-2', 'a-2'])
  expect(await jobs(`until=${formatTime(NOW - 3 * DAY)}`)).toEqual(['b-1', 'a-1', 'b-0', 'a-0'])
})

test('pages go on to the oldest run, also before the window, while runs arrive', async () => {
  const ids = (await nightly(server, 'a', 'P'.repeat(120))).reverse()
  const seen: string[] = []
  let url: string | null = `${server.origin}/tests/history/?name=x&page_size=50`
  while (url) {
    const { status, body } = await server.client.get(url.slice(server.origin.length))
    expect(status).toBe(200)
    for (const { job } of body.runs) seen.push(job)
    url = body.next
    await server.makeJob({
      time: formatTime(NOW - seen.length),
      labels: { host: 'a' },
      tests: [{ tag: '1-x', status: 'PASS' }],
    })
  }
  expect(seen).toEqual(ids)
})

test('a run that is asked for is on the page, in the middle', async () => {
  await nightly(server, 'a', 'P'.repeat(150))
  const { body } = await server.client.get('/jobs/a-100/')
  const run = body.tests[0].id
  const page = await ask(`name=x&page_size=11&run=${run}`)
  expect(page.runs.map(({ job }: never) => job)).toEqual(
    Array.from({ length: 11 }, (_, at) => `a-${105 - at}`),
  )
  expect(page.runs[5].asked).toBe(true)
  const old = await ask(`name=x&page_size=11&run=${(await server.client.get('/jobs/a-5/')).body.tests[0].id}`)
  expect(old.runs.some(({ job, asked }: never) => job === 'a-5' && asked)).toBe(true)
  expect((await server.client.get('/tests/history/?name=x&run=999999')).status).toBe(404)
})

test('of a test that did not run for a year, the window ends with its newest run', async () => {
  const time = (day: number) => formatTime(NOW - (400 - day) * DAY)
  for (const [day, status] of ['PASS', 'PASS', 'FAIL', 'FAIL'].entries()) {
    const job = { id: `old-${day}`, time: time(day), tests: [{ tag: '1-x', status }] }
    expect((await server.client.post('/jobs/', job)).status).toBe(201)
  }
  const { runs, window } = await ask('name=x')
  expect(strip(runs)).toBe('PPFF')
  expect(window).toMatchObject({ to: time(3), runs: 4 })
  expect((await ask('name=x&days=30')).runs).toEqual([])
})
