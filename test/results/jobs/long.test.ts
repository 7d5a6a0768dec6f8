// A job of 100,000 tests in one request, on the thread that answers everybody.

import { expect, test } from 'bun:test'
import { longestGo } from '../../support/longest-go'
import { withServer } from '../../support/server'

const TESTS = 100_000
/** Of the time that a request takes, the rest of the time is everybody else's. In one go, the checks were 3/4 of it. */
const MAX_SHARE = 0.5

const server = withServer()

const tests = Array.from({ length: TESTS }, (_, index) => ({
  tag: `${index + 1}-suite_${index % 20}.py:Test.test`,
  status: index % 11 === 0 ? 'FAIL' : 'PASS',
  started: '2026-11-24T12:00:00Z',
  elapsed_time: 1.5,
  fail_reason: index % 11 === 0 ? `reason ${index % 50}` : null,
}))

/** Checked to its end, and not stored: what is said last of its first test contradicts what is said first. */
const contradiction = JSON.stringify({ id: 'long', tests: [...tests, { ...tests[0], status: 'PASS' }] })
const UNIQUE = `Item ${TESTS + 1}: The fields job, tag must make a unique set.`
/** Refused at the last of them. */
const unknownStatus = JSON.stringify({ id: 'long', tests: [...tests, { tag: '1-a', status: 'PAS' }] })
const UNKNOWN = `Item ${TESTS + 1}: status: Object with name=PAS does not exist.`

const post = (path: string, body: string) =>
  server.client.request('POST', path, { body, headers: { 'content-type': 'application/json' } })

test('while POST /jobs/ of 100,000 tests is checked, others have their turns', async () => {
  const share = await longestGo(async () => {
    const { status, body } = await post('/jobs/?omit=tests', contradiction)
    expect({ status, body }).toEqual({ status: 400, body: { tests: [UNIQUE] } })
  })
  expect(share).toBeLessThan(MAX_SHARE)
})

test('while a line of NDJSON with 100,000 tests is checked, others have their turns', async () => {
  const share = await longestGo(async () => {
    const { status, body } = await post('/imports/?format=ndjson', unknownStatus)
    expect({ status, body }).toEqual({
      status: 400,
      body: { jobs: [], refused: [{ line: 1, tests: [UNKNOWN] }] },
    })
  })
  expect(share).toBeLessThan(MAX_SHARE)
})

test('the answer has the tests of the job and no others, in their order, as GET has them', async () => {
  const { id: other } = await server.makeJob()
  const posted = server.client.post('/jobs/', { tests: tests.slice(0, 5000) })
  let isUnderWay = true
  posted.finally(() => {
    isUnderWay = false
  })
  for (let count = 0; isUnderWay; count++)
    await server.client.post(`/jobs/${other}/tests/`, { tag: `${count}-a` })
  const { status, body } = await posted
  expect(status).toBe(201)
  expect(body.tests.map(({ tag }: { tag: string }) => tag)).toEqual(
    tests.slice(0, 5000).map(({ tag }) => tag),
  )
  expect((await server.client.get(`/jobs/${body.id}/`)).body).toEqual(body)
})
