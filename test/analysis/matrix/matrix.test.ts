// GET /matrix/: tests by hosts, kernels and jobs.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()
const HOUR = 3600 * 1_000_000
const ago = (hours: number) => formatTime(NOW - hours * HOUR)

interface Made {
  id: string
  hours: number
  labels?: Record<string, string>
  environment?: number
  tests: Record<string, string>
}

async function job({ id, hours, labels = {}, environment, tests }: Made): Promise<void> {
  await server.makeJob({
    id,
    time: ago(hours),
    labels,
    tests: Object.entries(tests).map(([tag, status]) => ({
      tag,
      status,
      started: ago(hours),
      elapsed_time: 1,
      ...(environment !== undefined && { environment }),
      ...(status === 'INTERRUPTED' && { fail_reason: 'Test interrupted by timeout' }),
    })),
  })
}

async function ask(query = '') {
  await settle(server)
  const { status, body } = await server.stranger.get(`/matrix/${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return body
}

/** Each row as `testcase state: failures/runs outcome of the newest`, a cell a column. */
const shown = (body: Awaited<ReturnType<typeof ask>>): string[] =>
  body.results.map(
    ({ testcase, state, cells }: { testcase: string; state: string; cells: (Cell | null)[] }) =>
      `${testcase} ${state}: ${cells.map((cell) => (cell ? `${cell.failures}/${cell.runs} ${cell.last.outcome}` : '-')).join(', ')}`,
  )

interface Cell {
  failures: number
  runs: number
  last: { outcome: string; job: string; test: number }
}

test('tests by hosts: failures of runs, and the newest run; what fails comes first in each suite', async () => {
  await job({
    id: 'a1',
    hours: 30,
    labels: { host: 'rack1' },
    tests: { '1-boot': 'PASS', '2-disk': 'FAIL', '3-net': 'PASS' },
  })
  await job({
    id: 'a2',
    hours: 6,
    labels: { host: 'rack1' },
    tests: { '1-boot': 'PASS', '2-disk': 'FAIL', '3-net': 'SKIP' },
  })
  await job({
    id: 'b1',
    hours: 29,
    labels: { host: 'rack2', branch: 'main' },
    tests: { '1-boot': 'ERROR', '2-disk': 'PASS' },
  })
  await job({
    id: 'b2',
    hours: 5,
    labels: { host: 'rack2', branch: 'main' },
    tests: { '1-boot': 'WARN', '2-disk': 'PASS', '4-smp': 'INTERRUPTED' },
  })
  await job({ id: 'c1', hours: 4, tests: { '1-boot': 'PASS' } })
  await job({ id: 'old', hours: 24 * 8, labels: { host: 'rack3' }, tests: { '1-boot': 'FAIL' } })
  const body = await ask()
  expect(body.columns).toEqual([
    { host: 'rack1', hosts: ['rack1'], branches: [], jobs: 2, runs: 5, failures: 2 },
    { host: 'rack2', hosts: ['rack2'], branches: ['main'], jobs: 2, runs: 5, failures: 2 },
    { host: null, hosts: [], branches: [], jobs: 1, runs: 1, failures: 0 },
  ])
  expect(shown(body)).toEqual([
    'disk failing: 2/2 failed, 0/2 passed, -',
    'smp failing: -, 1/1 failed, -',
    'boot failed: 0/2 passed, 1/2 passed, 0/1 passed',
    'net passing: 0/1 passed, -, -',
  ])
  const { results, columns: _, ...rest } = body
  expect(rest).toEqual({
    columns_left_out: 0,
    count: 4,
    next: null,
    previous: null,
    failing: 2,
    suites: [{ suite: '', tests: 4, failing: 2 }],
    jobs: 5,
    window: {
      from: formatTime(Date.UTC(2026, 10, 17) * 1000),
      to: expect.any(String),
      runs: 12,
      truncated: false,
    },
  })
  const [{ cells, ...disk }] = results
  expect(disk).toEqual({
    ...{ testcase: 'disk', suite: '', name: 'disk', variant: null },
    ...{ state: 'failing', runs: 4, failures: 2, flaky: false },
  })
  expect(cells[0].last).toEqual({
    job: 'a2',
    job_number: expect.any(Number),
    time: ago(6),
    test: expect.any(Number),
    status: 'FAIL',
    outcome: 'failed',
  })
})

test('filters: words of the name, the scope of the jobs, only failures, the window, pages', async () => {
  for (const host of ['rack1', 'rack2']) {
    await job({
      id: `${host}-new`,
      hours: 5,
      labels: { host },
      tests: { '1-disk.read': host === 'rack1' ? 'FAIL' : 'PASS', '2-disk.write': 'PASS', '3-net': 'PASS' },
    })
    await job({ id: `${host}-old`, hours: 24 * 20, labels: { host }, tests: { '1-disk.read': 'FAIL' } })
  }
  expect(shown(await ask('?tests=disk&host=rack2'))).toEqual([
    'disk.read passing: 0/1 passed',
    'disk.write passing: 0/1 passed',
  ])
  expect(shown(await ask('?label=!host:rack2&failing=true'))).toEqual(['disk.read failing: 1/1 failed'])
  expect(shown(await ask('?tests=read&days=30'))).toEqual(['disk.read failing: 2/2 failed, 1/2 passed'])
  expect(shown(await ask(`?until=${ago(24 * 10)}&days=30`))).toEqual([
    'disk.read failing: 1/1 failed, 1/1 failed',
  ])
  const page = await ask('?page_size=2&page=2')
  expect({ ...page, results: shown(page) }).toMatchObject({
    count: 3,
    failing: 1,
    next: null,
    previous: `${server.origin}/matrix/?page_size=2`,
    suites: [{ suite: '', tests: 3, failing: 1 }],
    results: ['net passing: 0/1 passed, 0/1 passed'],
  })
})

test('tests by kernels, the newest first, and by jobs', async () => {
  await server.client.post('/softwarecomponentkinds/', { name: 'kernel' })
  const environment = async (version: string) => {
    const kernel = { name: 'kernel', version, release: '1', checksum: '', kind: 'kernel', arch: 'unknown' }
    const distro = { name: 'fedora', version: '43', release: '0', arch: 'unknown' }
    const { headers } = await server.client.post('/testenvironments/', {
      distro,
      installed_software_components: [kernel],
    })
    return Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2))
  }
  const [older, newer] = [await environment('6.9'), await environment('6.12')]
  await job({
    id: 'k1',
    hours: 9,
    environment: older,
    labels: { host: 'rack1' },
    tests: { '1-boot': 'PASS' },
  })
  await job({
    id: 'k2',
    hours: 8,
    environment: newer,
    labels: { host: 'rack1' },
    tests: { '1-boot': 'FAIL' },
  })
  await job({ id: 'k3', hours: 7, labels: { host: 'rack2' }, tests: { '1-boot': 'PASS' } })
  const kernels = await ask('?columns=kernel')
  expect(
    kernels.columns.map(({ kernel, hosts }: { kernel: string; hosts: string[] }) => [kernel, hosts]),
  ).toEqual([
    ['6.12-1', ['rack1']],
    ['6.9-1', ['rack1']],
    [null, ['rack2']],
  ])
  expect(shown(kernels)).toEqual(['boot failing: 1/1 failed, 0/1 passed, 0/1 passed'])
  const jobs = await ask('?columns=job')
  expect(jobs.columns.map(({ job }: { job: { job: string } }) => job.job)).toEqual(['k3', 'k2', 'k1'])
  expect(shown(await ask(`?environment=${older}`))).toEqual(['boot passing: 0/1 passed'])
})

test('beyond 40 columns those with most failures are shown; rows count all', async () => {
  for (let host = 0; host < 45; host++) {
    await job({
      id: `h${host}`,
      hours: 5,
      labels: { host: `rack${host}` },
      tests: { '1-boot': host === 44 ? 'FAIL' : 'PASS' },
    })
  }
  const { columns, columns_left_out, results } = await ask()
  expect([columns.length, columns_left_out, results[0].runs, results[0].failures]).toEqual([40, 5, 45, 1])
  expect(columns.some(({ host }: { host: string }) => host === 'rack44')).toBe(true)
})

test('without jobs there is nothing', async () => {
  expect(await ask()).toMatchObject({ columns: [], results: [], count: 0, failing: 0, suites: [], jobs: 0 })
})

test.each([
  ['?columns=disk', { columns: ['"disk" is no kind of column: use host, kernel or job.'] }],
  ['?days=91', { days: ['Ensure this value is less than or equal to 90.'] }],
  ['?failing=perhaps', { failing: [expect.any(String)] }],
])('GET /matrix/%s is refused', async (query, body) => {
  expect(await server.stranger.get(`/matrix/${query}`)).toMatchObject({ status: 400, body })
})
