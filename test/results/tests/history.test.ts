// GET /jobs/JOB/tests/TEST/history/: the same test in all jobs.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { emptyPart } from '../../../src/results/jobs/job-parts'
import { addHiddenJob, addToHiddenJob, type WholeTest } from '../../../src/results/jobs/queries'
import { NOW, withServer } from '../../support/server'

const server = withServer()

const at = (minute: number) =>
  new Date(Date.UTC(2026, 10, 24) + minute * 60_000).toISOString().replace('.000', '')
const history = async (path: string) => (await server.stranger.get(`${path}history/?page_size=100`)).body

test('the same name and variant, whatever the number, the newest first', async () => {
  const one = await server.makeJob({
    id: 'one',
    time: at(10),
    tests: [
      { tag: '1-x;v', status: 'PASS', elapsed_time: 1.5 },
      { tag: '2-x;w', status: 'PASS' },
      { tag: '3-x', status: 'PASS' },
    ],
  })
  const two = await server.makeJob({
    id: 'two',
    time: at(5),
    tests: [{ tag: '07-x;v', status: 'SKIP', started: at(20) }],
  })
  const three = await server.makeJob({ id: 'three', time: at(15), tests: [{ tag: 'x;v' }] })
  const body = await history('/jobs/one/tests/1-x;v/')
  expect(body).toEqual({
    count: 3,
    next: null,
    previous: null,
    results: [
      {
        id: two.tests[0].id,
        job: 'two',
        job_number: two.number,
        job_description: null,
        tag: '07-x;v',
        status: 'TEST_NA',
        reported_status: 'SKIP',
        time: at(20),
        elapsed_time: null,
      },
      {
        id: three.tests[0].id,
        job: 'three',
        job_number: three.number,
        job_description: null,
        tag: 'x;v',
        status: null,
        time: at(15),
        elapsed_time: null,
      },
      {
        id: one.tests[0].id,
        job: 'one',
        job_number: one.number,
        job_description: null,
        tag: '1-x;v',
        status: 'PASS',
        time: at(10),
        elapsed_time: 1.5,
      },
    ],
  })
})

test('a page at a time', async () => {
  for (const id of ['a', 'b', 'c']) await server.makeJob({ id, tests: [{ tag: 'x' }] })
  const path = '/jobs/a/tests/x/history/?page_size=2'
  const { body } = await server.stranger.get(path)
  expect({ ...body, results: body.results.map(({ job }: { job: string }) => job) }).toEqual({
    count: 3,
    next: `${server.origin}${path}&page=2`,
    previous: null,
    results: ['c', 'b'],
  })
})

test('a job that nobody sees yet has no part in it', async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 'x', status: 'PASS' }] })
  const { job } = await server.database.write(addHiddenJob, {
    head: {
      id: 'b',
      description: null,
      time: NOW,
      receivedAt: NOW,
      elapsed: 0,
      status: null,
      createdBy: null,
    },
  })
  await server.database.write(addToHiddenJob, {
    job,
    part: { ...emptyPart<WholeTest>(), tests: [{ tag: 'x', activities: [], data: [] }] },
  })
  const { count, results } = await history('/jobs/a/tests/x/')
  expect([count, results.length]).toEqual([1, 1])
})

test('there is none of a test or a job that does not exist', async () => {
  await server.makeJob({ id: 'a' })
  for (const path of ['/jobs/a/tests/x/history/', '/jobs/b/tests/x/history/']) {
    expect(await server.stranger.get(path)).toEqual({
      status: 404,
      body: { detail: 'Not found' },
      headers: expect.anything(),
    })
  }
})

test('the order is right however late and mixed jobs, starts and changes come', async () => {
  const minute = fc.integer({ min: 0, max: 500 })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('post' as const), time: minute, started: fc.option(minute) }),
    fc.record({ kind: fc.constant('add' as const), time: minute, started: fc.option(minute) }),
    fc.record({ kind: fc.constant('import' as const), time: minute, started: fc.option(minute) }),
    fc.record({ kind: fc.constant('retime' as const), which: fc.nat(), time: minute }),
    fc.record({ kind: fc.constant('restart' as const), which: fc.nat(), started: fc.option(minute) }),
    fc.record({ kind: fc.constant('delete' as const), which: fc.nat() }),
  )
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const name = `x${++run}`
      const jobs: { id: string; time: number; started: number | null }[] = []
      for (const [index, step] of steps.entries()) {
        const id = `${name}-${index}`
        if (step.kind === 'post' || step.kind === 'add' || step.kind === 'import') {
          const started = step.started === null ? null : at(step.started)
          const test = { tag: `${index}-${name}`, started, status: 'PASS' }
          if (step.kind === 'import') {
            const body = JSON.stringify({ id, time: at(step.time), tests: [test] })
            await server.client.request('POST', '/imports/?format=ndjson', { body })
          } else {
            await server.makeJob({ id, time: at(step.time), tests: step.kind === 'post' ? [test] : [] })
            if (step.kind === 'add') await server.client.post(`/jobs/${id}/tests/`, test)
          }
          jobs.push({ id, time: step.time, started: step.started })
          continue
        }
        const job = jobs[step.which % Math.max(1, jobs.length)]
        if (!job) continue
        if (step.kind === 'retime') {
          await server.client.patch(`/jobs/${job.id}/`, { time: at(step.time) })
          job.time = step.time
        } else if (step.kind === 'restart') {
          const tag = `${job.id.split('-')[1]}-${name}`
          const started = step.started === null ? null : at(step.started)
          await server.client.patch(`/jobs/${job.id}/tests/${tag}/`, { started })
          job.started = step.started
        } else {
          await server.client.delete(`/jobs/${job.id}/`)
          jobs.splice(jobs.indexOf(job), 1)
        }
      }
      const [first] = jobs
      if (!first) return
      const { results } = await history(`/jobs/${first.id}/tests/${first.id.split('-')[1]}-${name}/`)
      const expected = jobs
        .map((job, index) => ({ job: job.id, minute: job.started ?? job.time, index }))
        .sort((a, b) => b.minute - a.minute || b.index - a.index)
        .map(({ job, minute }) => ({ job, time: at(minute) }))
      expect(results.map(({ job, time }: { job: string; time: string }) => ({ job, time }))).toEqual(expected)
    }),
    { numRuns: 25 },
  )
})
