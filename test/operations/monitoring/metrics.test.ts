// /metrics/: numbers that are right, in a format that Prometheus reads, and of which there are never too many.

import { expect, test } from 'bun:test'
import { EventStream, eventually } from '../../support/events'
import { ownQuery } from '../../support/own-query'
import { parseMetrics } from '../../support/prometheus'
import { withServer } from '../../support/server'

const server = withServer()

const metrics = async () => parseMetrics((await server.stranger.get('/metrics/')).body)
/** The values of one metric, by what is written in the braces. */
const valuesOf = async (name: string) => {
  const values = (await metrics()).get(name)?.values ?? new Map<string, number>()
  return Object.fromEntries([...values].map(([key, value]) => [key.slice(name.length), value]))
}

test('the format is that of Prometheus, and so is the type', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: '1-t', status: 'PASS' }] })
  const { status, headers } = await server.stranger.get('/metrics')
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'no-store',
  ])
  const found = await metrics()
  expect([...found.keys()].sort()).toEqual([
    'avocado_build_info',
    'avocado_cache_bytes',
    'avocado_cache_requests_total',
    'avocado_commit_changes',
    'avocado_commit_disk_seconds',
    'avocado_commit_duration_seconds',
    'avocado_commit_failures_total',
    'avocado_database_bytes',
    'avocado_disk_free_bytes',
    'avocado_event_loop_lag_seconds',
    'avocado_event_stream_readers',
    'avocado_files_bytes',
    'avocado_http_request_duration_seconds',
    'avocado_http_requests_total',
    'avocado_http_requests_under_way',
    'avocado_imports_total',
    'avocado_jobs',
    'avocado_refused_logins_total',
    'avocado_tests',
    'avocado_waiting_writes',
    'avocado_waiting_writes_oldest_seconds',
    'avocado_wal_bytes',
    'process_cpu_system_seconds_total',
    'process_cpu_user_seconds_total',
    'process_max_fds',
    'process_open_fds',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
  ])
  for (const name of ['avocado_database_bytes', 'avocado_disk_free_bytes', 'process_open_fds']) {
    expect([name, found.get(name)?.values.get(name)]).toEqual([name, expect.any(Number)])
    expect(found.get(name)?.values.get(name)).toBeGreaterThan(0)
  }
})

test('docs/operations.md names every metric, and none that is not there', async () => {
  const readme = await Bun.file(`${import.meta.dir}/../../../docs/operations.md`).text()
  const named = new Set(readme.match(/\bavocado_[a-z]+_?[a-z_]*\b(?=[`{])/g))
  expect([...named].sort()).toEqual(
    [...(await metrics()).keys()].filter((name) => name.startsWith('avocado_')).sort(),
  )
})

test('requests are counted by route and status, those from memory and those of no route, too', async () => {
  await server.makeJob({ id: 'a1' })
  for (let count = 0; count < 3; count++) await server.stranger.get('/jobs/a1/')
  const { headers } = await server.stranger.get('/jobs/a1')
  await server.stranger.with({ 'if-none-match': headers.get('etag') ?? '' }).get('/jobs/a1/')
  await server.stranger.with({ 'accept-encoding': 'gzip' }).get('/jobs/a1/')
  await server.stranger.get('/jobs/nope/')
  await server.stranger.get('/nowhere/')
  await server.stranger.get('//jobs//')
  await server.stranger.post('/jobs/', {})
  await server.stranger.send('PUT', '/jobs/', {})
  expect(await valuesOf('avocado_http_requests_total')).toEqual({
    '{method="POST",route="/jobs/",status="201"}': 1,
    '{method="POST",route="/jobs/",status="401"}': 1,
    '{method="PUT",route="/jobs/",status="405"}': 1,
    '{method="GET",route="/jobs/:job/",status="200"}': 5,
    '{method="GET",route="/jobs/:job/",status="304"}': 1,
    '{method="GET",route="/jobs/:job/",status="404"}': 1,
    '{method="GET",route="none",status="404"}': 2,
  })
  const durations = await valuesOf('avocado_http_request_duration_seconds')
  expect(durations['_count{method="GET",route="/jobs/:job/"}']).toBe(7)
  expect(durations['_count{method="POST",route="/jobs/"}']).toBe(2)
})

test('whatever is asked for, there are no more values than routes, methods and statuses', async () => {
  await server.makeJob({ id: 'a1' })
  const ask = async (round: number) => {
    for (let index = 0; index < 40; index++) {
      await server.stranger.get(`/jobs/${round}-${index}/`)
      await server.stranger.get(`/jobs/?search=${round}-${index}`)
      await server.stranger.get(`/${round}-${index}/`)
      await server.stranger.get(`/jobs/a1/files/${round}-${index}`)
      await server.stranger.get(`/dashboard/${round}/${index}`)
    }
    for (const method of ['PROPFIND', 'PURGE', 'SEARCH', 'LOCK']) await server.stranger.send(method, '/jobs/')
    return (await server.stranger.get('/metrics/')).body.split('\n').length
  }
  await ask(0)
  expect(await ask(2)).toBe(await ask(1))
})

test('hits and misses of what is kept in memory', async () => {
  await server.makeJob({ id: 'a1' })
  await server.stranger.get('/jobs/a1/')
  await server.stranger.get('/jobs/a1/')
  await server.client.get('/jobs/a1/') // with credentials it goes through the router
  await server.stranger.get('/version/') // nothing that is kept
  expect(await valuesOf('avocado_cache_requests_total')).toEqual({
    '{result="hit"}': 2,
    '{result="miss"}': 1,
  })
  const size = await valuesOf('avocado_cache_bytes')
  expect(size['']).toBeGreaterThan(200)
})

test('commits: how many changes they held, and how long they took', async () => {
  await server.makeJob() // and the use of the token is noted
  const before = await valuesOf('avocado_commit_changes')
  await Promise.all(['a', 'b', 'c'].map((id) => server.client.post('/jobs/', { id })))
  const refused = await server.client.delete('/softwarecomponentarches/1/')
  expect(refused.status).toBe(409) // nothing of that goes to the disk
  const after = await valuesOf('avocado_commit_changes')
  expect((after._sum ?? 0) - (before._sum ?? 0)).toBe(3)
  const [count, seconds, disk] = [
    after._count ?? 0,
    await valuesOf('avocado_commit_duration_seconds'),
    await valuesOf('avocado_commit_disk_seconds'),
  ]
  expect([seconds._count, disk._count]).toEqual([count, count])
  expect(disk._sum).toBeGreaterThan(0)
  expect(seconds._sum).toBeGreaterThan(disk._sum ?? 0)
  expect(await valuesOf('avocado_waiting_writes')).toEqual({ '': 0 })
  expect(await valuesOf('avocado_commit_failures_total')).toEqual({ '': 0 })
})

test('jobs and tests by status, from what is kept', async () => {
  await server.makeJob({
    status: 'FAIL',
    tests: [
      { tag: '1-a', status: 'PASS' },
      { tag: '2-a', status: 'FAIL' },
      { tag: '3-a', status: 'SKIP' },
      { tag: '4-a' },
    ],
  })
  await server.makeJob({ tests: [{ tag: '1-a', status: 'PASS' }] })
  await server.makeJob({ status: 'FAIL', tests: [{ tag: '1-a', status: 'FAIL' }] })
  expect(await valuesOf('avocado_tests')).toEqual({
    '{status="PASS"}': 2,
    '{status="ERROR"}': 0,
    '{status="FAIL"}': 2,
    '{status="TEST_NA"}': 1,
    '{status="WARN"}': 0,
    '{status="unfinished"}': 1,
  })
  const jobs = await valuesOf('avocado_jobs')
  expect(jobs['{status="FAIL"}']).toBe(2)
  expect(Object.values(jobs).reduce((sum, count) => sum + count, 0)).toBe(3)
})

test('imports by format and outcome', async () => {
  const send = (body: string, query = '') =>
    server.client.request('POST', `/imports/${query}`, { body }).then(({ status }) => status)
  expect([
    await send('{"id": "n1"}\n{"id": "n2"}'),
    await send('{"id": "n1"}\n{"id": "n2", "time": "never"}'),
    await send('{"time": "never"}'),
    await send('1..1\nok 1 - works\n'),
    await send('what is this'),
    await send(''),
    await send('no archive', '?format=zip'),
  ]).toEqual([201, 200, 400, 201, 400, 400, 400])
  expect(await valuesOf('avocado_imports_total')).toEqual({
    '{format="ndjson",outcome="stored"}': 2,
    '{format="ndjson",outcome="refused"}': 1,
    '{format="tap",outcome="stored"}': 1,
    '{format="unknown",outcome="refused"}': 2,
    '{format="zip",outcome="refused"}': 1,
  })
})

test('wrong passwords and wrong tokens, wherever they come, and nothing else', async () => {
  await server.setPassword('right')
  await server.stranger.as('admin', 'wrong').get('/jobs/')
  await server.stranger.as('nobody', 'right').get('/jobs/')
  await server.stranger.post('/auth/login/', { username: 'admin', password: 'wrong' })
  await server.stranger.with({ authorization: 'Bearer avocado_wrong' }).get('/jobs/')
  await server.stranger.as('admin', 'right').get('/jobs/')
  await server.stranger.post('/jobs/', {})
  expect(await valuesOf('avocado_refused_logins_total')).toEqual({
    '{reason="password"}': 3,
    '{reason="token"}': 1,
    '{reason="too_many"}': 0,
  })
})

test('who guesses on is counted as one who is held off', async () => {
  await server.setPassword('right')
  let last = 0
  for (let count = 0; count < 12; count++) {
    const guess = { username: 'admin', password: `wrong-${count}` }
    last = (await server.stranger.post('/auth/login/', guess)).status
  }
  expect(last).toBe(429)
  const refused = await valuesOf('avocado_refused_logins_total')
  expect(refused['{reason="password"}']).toBe(10)
  expect(refused['{reason="too_many"}']).toBe(2)
})

test('what the request guard refuses is counted, too, and bears an id', async () => {
  const reply = await server.stranger.get(`/jobs/?search=${'x'.repeat(9000)}`)
  expect([reply.status, reply.headers.get('x-request-id')]).toEqual([
    414,
    expect.stringMatching(/^[0-9a-f]{12}$/),
  ])
  expect(await valuesOf('avocado_http_requests_total')).toEqual({
    '{method="GET",route="none",status="414"}': 1,
  })
})

test('who reads the events', async () => {
  {
    using _ = await EventStream.open(server)
    expect(await valuesOf('avocado_event_stream_readers')).toEqual({ '': 1 })
  }
  await eventually(() => server.events.readerCount === 0)
  expect(await valuesOf('avocado_event_stream_readers')).toEqual({ '': 0 })
})

test('the bytes of stored files, once they have been looked through', async () => {
  expect(await valuesOf('avocado_files_bytes')).toEqual({})
  const isNamed = async () => true
  const bytes = async (content: string) => {
    using hold = server.files.hold()
    const chunks = (async function* () {
      yield new TextEncoder().encode(content)
    })()
    return (await server.files.put(chunks, 1e9, hold)).storedSize
  }
  const random = () => Array.from({ length: 30_000 }, () => Math.random()).join()
  const first = random()
  const sum = (await bytes(first)) + (await bytes(random()))
  await server.files.sweep(isNamed)
  expect(await valuesOf('avocado_files_bytes')).toEqual({ '': sum })
  const more = await bytes(random())
  await bytes(first) // it is there already
  expect(await valuesOf('avocado_files_bytes')).toEqual({ '': sum + more })
  await server.files.sweep(async () => false)
  expect(await valuesOf('avocado_files_bytes')).toEqual({ '': 0 })
})

test('what cannot be measured is left out, and all else is there', async () => {
  await server.database.read(ownQuery(async ({ database }) => database.run('PRAGMA query_only = OFF')))
  await server.database.read(ownQuery(async ({ database }) => database.run('DROP TABLE job_total')))
  const found = await metrics()
  expect([...(found.get('avocado_jobs')?.values.keys() ?? [])]).toEqual([])
  expect(found.get('avocado_waiting_writes')?.values.get('avocado_waiting_writes')).toBe(0)
})
