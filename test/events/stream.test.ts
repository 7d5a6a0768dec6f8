// What readers are told, and when.

import { expect, spyOn, test } from 'bun:test'
import { changeJob } from '../../src/results/jobs/queries'
import { defineWrite } from '../../src/storage/database'
import { EventStream, eventually, type Received } from '../support/events'
import { type MadeJob, withServer } from '../support/server'

const server = withServer()
const unhurried = withServer({}, { intervalMs: 1000 })
const restless = withServer({}, { heartbeatMs: 20 })

const listed = async (job: MadeJob) => {
  const { body } = await server.stranger.get('/jobs/?omit=tests,activities&include=outcomes&page_size=1000')
  return body.results.find(({ number }: MadeJob) => number === job.number)
}
const touch = (job: MadeJob, description = 'touched') =>
  server.database.write(changeJob, { job: job.number, value: { description } })
/** In one commit, however busy the machine is. */
const touchAll = defineWrite(
  'touch all',
  async (connection, { jobs, word }: { jobs: number[]; word: string }): Promise<void> => {
    for (const job of jobs) await changeJob.run(connection, { job, value: { description: word } })
  },
)

test('a change is told with the job as the list shows it', async () => {
  const job = await server.makeJob({ id: 'a1', description: 'One\nline', tests: [{ tag: 'a' }] })
  using stream = await EventStream.open(server)
  await server.client.post('/jobs/a1/tests/', { tag: 'b', status: 'FAIL' })
  const told = await stream.next()
  expect(told).toEqual({ id: server.database.change, event: 'jobs', data: { jobs: [await listed(job)] } })
  expect(told.data.jobs[0].outcomes).toEqual({
    PASS: 0,
    ERROR: 0,
    FAIL: 1,
    TEST_NA: 0,
    WARN: 0,
    unfinished: 1,
  })
})

test('a job that has gone is told as deleted', async () => {
  const job = await server.makeJob({ id: 'a1' })
  using stream = await EventStream.open(server)
  await server.client.delete('/jobs/a1/')
  expect((await stream.next()).data).toEqual({ jobs: [{ number: job.number, deleted: true }] })
})

test('every reader is told the same', async () => {
  const job = await server.makeJob()
  using one = await EventStream.open(server)
  using another = await EventStream.open(server)
  await touch(job)
  expect(await one.next()).toEqual(await another.next())
})

test('a large job is told once it is whole, and not before', async () => {
  using stream = await EventStream.open(server)
  const tests = Array.from({ length: 5000 }, (_, index) => ({ tag: `${index}`, status: 'PASS' }))
  const job = await server.makeJob({ id: 'large', tests })
  expect((await stream.next()).data).toEqual({ jobs: [await listed(job)] })
})

test('what is refused is not told, though it shares the commit with what is', async () => {
  const job = await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'b1', tests: [{ tag: 'x', status: 'PASS' }] })
  using stream = await EventStream.open(server)
  const [refused] = await Promise.all([
    server.client.post('/jobs/b1/tests/', { tag: 'x', status: 'FAIL' }),
    touch(job),
  ])
  expect(refused.status).toBe(400)
  expect((await stream.next()).data).toEqual({ jobs: [await listed(job)] })
})

test('the first change after silence is told at once, the next ones together after the interval', async () => {
  const jobs = [await unhurried.makeJob(), await unhurried.makeJob(), await unhurried.makeJob()]
  using stream = await EventStream.open(unhurried)
  await Bun.sleep(1000)
  const change = ({ number: job }: MadeJob) =>
    unhurried.database.write(changeJob, { job, value: { description: 'changed' } })
  const numbersOf = ({ data }: Received) => data.jobs.map(({ number }: MadeJob) => number)

  const start = performance.now()
  const [first, ...others] = jobs as [MadeJob, ...MadeJob[]]
  await change(first)
  expect(numbersOf(await stream.next())).toEqual([1])
  const toldFirst = performance.now() - start
  for (const job of others) await change(job)
  expect(numbersOf(await stream.next())).toEqual([2, 3])
  const toldOthers = performance.now() - start
  expect(toldFirst).toBeLessThan(500)
  expect(toldOthers).toBeGreaterThan(900)
})

test('1000 posts of tests make few events, and the last one has the final outcomes', async () => {
  const job = await server.makeJob({ id: 'a1' })
  using stream = await EventStream.open(server)
  const start = performance.now()
  const all = stream.until(({ data }) => data.jobs[0].outcomes.PASS === 1000)
  for (let count = 0; count < 1000; count += 50) {
    const tags = Array.from({ length: 50 }, (_, index) => `${count + index}`)
    await Promise.all(tags.map((tag) => server.client.post('/jobs/a1/tests/', { tag, status: 'PASS' })))
  }
  const events = await all
  expect(events.length).toBeLessThanOrEqual(Math.ceil((performance.now() - start) / 200) + 1)
  expect(events.at(-1)?.data).toEqual({ jobs: [await listed(job)] })
})

test('more than 100 jobs at once are told as a reset', async () => {
  const jobs = await Promise.all(Array.from({ length: 101 }, () => server.makeJob()))
  using stream = await EventStream.open(server)
  await server.database.write(touchAll, { jobs: jobs.slice(1).map(({ number }) => number), word: 'touched' })
  expect((await stream.next()).data.jobs.length).toBe(100)
  await server.database.write(touchAll, { jobs: jobs.map(({ number }) => number), word: 'again' })
  expect(await stream.next()).toEqual({ id: server.database.change, event: 'reset', data: {} })
})

test('without a reader nothing is asked of the database', async () => {
  const job = await server.makeJob()
  const stream = await EventStream.open(server)
  stream.close()
  await eventually(() => server.events.readerCount === 0)
  const reads = spyOn(server.database, 'read')
  await touch(job)
  await Bun.sleep(300)
  expect(reads).toHaveBeenCalledTimes(0)
})

test('a change that touches no job is told to nobody', async () => {
  const job = await server.makeJob()
  using stream = await EventStream.open(server)
  await server.setPassword('secret')
  await touch(job)
  expect((await stream.next()).data).toEqual({ jobs: [await listed(job)] })
})

test('comments keep a quiet connection open', async () => {
  using stream = await EventStream.open(restless)
  expect([await stream.nextBlock(), await stream.nextBlock()]).toEqual([': ', ': '])
})
