// A machine whose clock is wrong reports runs of next year or of 1970. They lie where they were received, in the
// history of a test and in all that follows from it; what was reported is shown as it was.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'

const server = withServer()
const HOUR = 3_600_000_000
const ago = (hours: number) => formatTime(NOW - hours * HOUR)

async function runs(): Promise<{ job: string; time: string }[]> {
  const { body } = await server.client.get('/jobs/right/tests/1-x/history/')
  return body.results.map(({ job, time }: { job: string; time: string }) => ({ job, time }))
}

test('a start of the far future or of long ago is taken for the time of its receipt', async () => {
  const { client } = server
  const post = (id: string, started: string | undefined, time = ago(1)) =>
    server.makeJob({ id, time, tests: [{ tag: '1-x', status: 'PASS', ...(started && { started }) }] })
  await post('right', ago(5))
  await post('ahead', ago(-24 * 365))
  await post('ahead-a-little', ago(-0.9))
  await post('in-1970', '1970-01-03T00:00:00Z')
  await post('job-in-1970', undefined, '1970-01-03T00:00:00Z')
  await post('no-start', undefined, ago(2))
  expect(await runs()).toEqual([
    { job: 'ahead-a-little', time: ago(-0.9) },
    { job: 'job-in-1970', time: ago(0) },
    { job: 'in-1970', time: ago(0) },
    { job: 'ahead', time: ago(0) },
    { job: 'no-start', time: ago(2) },
    { job: 'right', time: ago(5) },
  ])
  expect((await client.get('/jobs/ahead/tests/1-x/')).body.started).toBe(ago(-24 * 365))
  expect((await client.get('/jobs/in-1970/tests/1-x/')).body.started).toBe('1970-01-03T00:00:00Z')
  expect((await client.get('/jobs/job-in-1970/')).body.time).toBe('1970-01-03T00:00:00Z')
})

test('a run that is changed keeps its place, unless its start is corrected', async () => {
  const { client } = server
  await server.makeJob({ id: 'right', tests: [{ tag: '1-x', status: 'PASS', started: ago(-100) }] })
  server.now = NOW + 200 * HOUR
  await client.patch('/jobs/right/tests/1-x/', { status: 'FAIL' })
  expect(await runs()).toEqual([{ job: 'right', time: ago(0) }])
  await client.patch('/jobs/right/tests/1-x/', { started: ago(3) })
  expect(await runs()).toEqual([{ job: 'right', time: ago(3) }])
  await client.patch('/jobs/right/tests/1-x/', { started: null })
  expect(await runs()).toEqual([{ job: 'right', time: (await client.get('/jobs/right/')).body.time }])
})

test('a test of a job that has run for hours is received when it is posted', async () => {
  await server.makeJob({ id: 'right', time: ago(0) })
  server.now = NOW + 9 * HOUR
  await server.client.post('/jobs/right/tests/', { tag: '1-x', status: 'PASS', started: ago(-8.9) })
  expect(await runs()).toEqual([{ job: 'right', time: ago(-8.9) }])
})

test('tests without a start follow the corrected time of their job', async () => {
  await server.makeJob({ id: 'right', time: '1970-01-01T01:00:00Z', tests: [{ tag: '1-x', status: 'PASS' }] })
  expect(await runs()).toEqual([{ job: 'right', time: ago(0) }])
  await server.client.patch('/jobs/right/', { time: ago(7) })
  expect(await runs()).toEqual([{ job: 'right', time: ago(7) }])
})
