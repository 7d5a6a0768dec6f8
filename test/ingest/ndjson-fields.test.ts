// A line of NDJSON keeps what POST /jobs/ keeps, field by field.

import { expect, test } from 'bun:test'
import { MAX_REFUSALS } from '../../src/ingest/ndjson'
import type { newTestActivity } from '../../src/results/activities/model'
import type { newDatum } from '../../src/results/data/model'
import { newJob, type wholeTest } from '../../src/results/jobs/model'
import { withServer } from '../support/server'

const server = withServer()
const TIME = '2026-01-02T03:04:05.000006Z'

/** A value for each field, none of which is the one that it would have anyway. A new field needs one, too. */
const datum: Record<keyof typeof newDatum, unknown> = { category: 'c', key: 'k', value: 'v' }
const activity: Record<keyof typeof newTestActivity, unknown> = {
  activity: 'ENDED',
  time: TIME,
  status: 'WARN',
}
const testValues = (environment: number): Record<keyof typeof wholeTest, unknown> => ({
  tag: '1-a;b',
  status: 'CANCEL',
  environment,
  started: TIME,
  elapsed_time: 1.5,
  fail_reason: 'why',
  activities: [activity],
  data: [datum],
})
const jobValues = (environment: number): Record<keyof typeof newJob, unknown> => ({
  id: 'x',
  description: 'd',
  time: TIME,
  elapsed_time: 2.5,
  status: 'ALERT',
  labels: { host: 'rack7' },
  timeout: 60,
  priority: 5,
  activities: [{ activity: 'STARTED', time: TIME }],
  tests: [testValues(environment), { tag: '2-b', activities: [activity] }, { tag: '3-c' }, { tag: '3-c' }],
})

async function environment(): Promise<number> {
  const distro = { name: 'd', version: '1', release: '0', arch: 'x' }
  const { headers } = await server.client.post('/testenvironments/', {
    distro,
    installed_software_components: [],
  })
  return Number(headers.get('location')?.split('/').at(-2))
}

/** All that readers see of a job, without what tells it from another. */
async function stored(id: string) {
  const get = async (path: string) => (await server.stranger.get(`/jobs/${id}/${path}`)).body
  const { id: _, number: __, tests: ___, ...job } = await get('?include=outcomes,environment,labels')
  const tests = []
  for (const { id: test } of (await get('tests/')).results) {
    const { id: _, job: __, ...whole } = await get(`tests/${test}/`)
    const below = await Promise.all(['activities/', 'data/'].map((path) => get(`tests/${test}/${path}`)))
    tests.push({ ...whole, below: below.map(({ results }) => results) })
  }
  const text = JSON.stringify({ job, tests, activities: (await get('activities/')).results })
  return JSON.parse(text.replaceAll(/"(id|test|job)":("[^"]*"|\d+),?/g, ''))
}

test('every field of a job and of its tests comes out of NDJSON as out of POST /jobs/', async () => {
  const values = jobValues(await environment())
  expect(Object.keys(values).sort()).toEqual(Object.keys(newJob).sort())
  expect((await server.client.post('/jobs/', { ...values, id: 'posted' })).status).toBe(201)
  const body = JSON.stringify({ ...values, id: 'imported' })
  expect((await server.client.request('POST', '/imports/', { body })).status).toBe(201)
  expect(await stored('imported')).toEqual(await stored('posted'))
})

test.each(Object.keys(testValues(0)).filter((field) => field !== 'tag'))(
  'the %s of a test is kept, and says something',
  async (field) => {
    const full = testValues(await environment())
    const { [field as keyof typeof full]: _, ...less } = full
    const body = [full, less].map((test, index) =>
      JSON.stringify({ id: `j${index}`, time: TIME, tests: [test] }),
    )
    expect((await server.client.request('POST', '/imports/', { body: body.join('\n') })).status).toBe(201)
    expect(await stored('j0')).not.toEqual(await stored('j1'))
  },
)

test('a later line completes a test by its environment', async () => {
  const number = await environment()
  const send = (test: object) =>
    server.client.request('POST', '/imports/', {
      body: JSON.stringify({ id: 'j', tests: [{ tag: 'a', ...test }] }),
    })
  await send({})
  expect((await send({ environment: number })).body.jobs[0].tests).toMatchObject({ changed: 1 })
  expect((await send({ environment: number })).body.jobs[0].tests).toMatchObject({ unchanged: 1 })
  expect((await server.stranger.get('/jobs/j/tests/a/')).body).toMatchObject({ environment: number })
})

test('an environment that does not exist, and a tag with two meanings, are refused as in POST /jobs/', async () => {
  for (const tests of [[{ tag: 'a', environment: 99 }], [{ tag: 'a' }, { tag: 'a', status: 'PASS' }]]) {
    const { status, body } = await server.client.post('/jobs/', { tests })
    const line = await server.client.request('POST', '/imports/', { body: JSON.stringify({ tests }) })
    expect(status).toBe(400)
    expect({ status: line.status, body: line.body }).toEqual({
      status,
      body: { jobs: [], refused: [{ line: 1, ...body }] },
    })
  }
})

test('the first 1,000 refused lines are listed, and all are counted', async () => {
  const lines = Array.from({ length: MAX_REFUSALS + 200 }, (_, index) =>
    index % 2 ? '{"id": ""}' : 'nonsense',
  )
  const reply = await server.client.request('POST', '/imports/?format=ndjson', {
    body: ['{"id": "a"}', ...lines].join('\n'),
  })
  const { jobs, refused, refused_count } = reply.body
  expect({ status: reply.status, jobs: jobs.length, refused_count }).toEqual({
    status: 201,
    jobs: 1,
    refused_count: 1200,
  })
  expect(refused.map(({ line }: { line: number }) => line)).toEqual(
    Array.from({ length: 1000 }, (_, index) => index + 2),
  )
})

test('what a refused line repeats of itself is cut', async () => {
  const body = JSON.stringify({ status: 'X'.repeat(100_000) })
  const reply = await server.client.request('POST', '/imports/', { body })
  expect(reply.body.refused[0].status[0].length).toBeLessThanOrEqual(500)
})
