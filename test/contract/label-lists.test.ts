// /labels/: the keys of labels, their values, and how many jobs have them.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const get = async (path: string) => (await server.stranger.get(path)).body

beforeAll(async () => {
  expect(await get('/labels/')).toEqual({ count: 0, next: null, previous: null, results: [] })
  const made = await server.client.post('/testenvironments/', {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
    installed_software_components: [
      {
        name: 'Linux',
        version: '6.12.0',
        release: '1.fc43.x86_64',
        checksum: '',
        kind: 'kernel',
        arch: 'x86_64',
      },
    ],
  })
  const environment = Number(made.headers.get('location')?.split('/').at(-2))
  await server.client.post('/testenvironments/', {
    distro: { name: 'unused', version: '1', release: '', arch: 's390x' },
  })
  const jobs: [object, string, object[]][] = [
    [{ host: 'rack7', branch: 'main', tag: ['b', 'a'] }, '2026-11-03', [{ tag: 't', environment }]],
    [{ host: 'rack8', branch: 'main', tag: 'a' }, '2026-11-01', []],
    [{ host: 'localhost', arch: 's390x' }, '2026-11-02', [{ tag: 't', environment }]],
    [{ host: 'gone', gone: 'x' }, '2026-11-04', []],
  ]
  for (const [index, [labels, day, tests]] of jobs.entries()) {
    await server.makeJob({ id: `job-${index}`, labels, time: `${day}T00:00:00Z`, tests })
  }
  await server.client.delete('/jobs/job-3/')
})

test('the keys are listed in order, each with the URL of its values', async () => {
  const { count, results } = await get('/labels/')
  const keys = ['arch', 'branch', 'distro', 'host', 'kernel', 'tag']
  expect([count, results.map(({ key }: { key: string }) => key)]).toEqual([6, keys])
  expect(results[1]).toEqual({ key: 'branch', url: `${server.origin}/labels/branch/` })
  expect((await get('/labels/?page_size=2&page=2')).results.map(({ key }: { key: string }) => key)).toEqual([
    'distro',
    'host',
  ])
})

const day = (number: number) => `2026-11-0${number}T00:00:00Z`

test.each([
  ['branch', [{ value: 'main', jobs: 2, last: day(3) }]],
  [
    'tag',
    [
      { value: 'a', jobs: 2, last: day(3) },
      { value: 'b', jobs: 1, last: day(3) },
    ],
  ],
  [
    'host',
    [
      { value: 'localhost', jobs: 1, last: day(2) },
      { value: 'rack7', jobs: 1, last: day(3) },
      { value: 'rack8', jobs: 1, last: day(1) },
    ],
  ],
  [
    'arch',
    [
      { value: 's390x', jobs: 1, last: day(2) },
      { value: 'x86_64', jobs: 2, last: day(3) },
    ],
  ],
  ['distro', [{ value: 'fedora-43', jobs: 2, last: day(3) }]],
  ['kernel', [{ value: '6.12.0-1.fc43.x86_64', jobs: 2, last: day(3) }]],
  ['unknown', []],
])('/labels/%s/ lists its values, and finds as many jobs as the list of jobs', async (key, values) => {
  const { count, results } = await get(`/labels/${key}/`)
  expect([count, results]).toEqual([values.length, values])
  for (const { value, jobs } of values) {
    const found = await get(`/jobs/?label=${key}:${value}&ordering=-time`)
    expect([found.count, found.results[0].time]).toEqual([
      jobs,
      results.find((one: (typeof values)[0]) => one?.value === value).last,
    ])
  }
})

test('values are paged, and found by their beginning', async () => {
  expect((await get('/labels/host/?page_size=1&page=2')).results).toEqual([
    { value: 'rack7', jobs: 1, last: day(3) },
  ])
  expect((await get('/labels/host/?search=rack')).count).toBe(2)
  expect((await get('/labels/kernel/?search=6.1')).count).toBe(1)
  expect((await get('/labels/kernel/?search=7')).count).toBe(0)
  expect((await get('/labels/tag/?search=b')).results).toEqual([{ value: 'b', jobs: 1, last: day(3) }])
})

test('what no label can be called is not found', async () => {
  expect((await server.stranger.get('/labels/a%20b/')).status).toBe(404)
})
