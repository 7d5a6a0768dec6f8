// GET /jobs/compare/: the class of each test, over a socket.

import { beforeEach, expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'

const server = withServer()
const HOUR = 3600 * 1_000_000

beforeEach(() => {
  // All jobs were silent for long: they are over.
  server.now = NOW
})

const at = (hour: number) => formatTime(NOW - 1000 * HOUR + hour * HOUR)

/** A job at an hour. @param tests  the status of each test by its name; with its duration: `PASS 12.5` */
async function ran(hour: number, tests: Record<string, string>, more: object = {}) {
  const { id } = await server.makeJob({
    time: at(hour),
    tests: Object.entries(tests).map(([name, text], index) => {
      const [status, seconds] = text.split(' ')
      return { tag: `${index + 1}-${name}`, status, ...(seconds && { elapsed_time: Number(seconds) }) }
    }),
    ...more,
  })
  return id
}

async function compare(query: Record<string, string>) {
  const { status, body } = await server.client.get(`/jobs/compare/?${new URLSearchParams(query)}`)
  return { status, body }
}

const settle = () => {
  server.now += HOUR
}

/** The class of each test. */
async function classes(query: Record<string, string>): Promise<Record<string, string>> {
  const { body } = await compare(query)
  return Object.fromEntries(
    body.tests.map((one: { testcase: string; class: string }) => [one.testcase, one.class]),
  )
}

test('the worked example', async () => {
  const base = await ran(1, { a: 'PASS', b: 'FAIL', c: 'PASS', d: 'PASS' })
  const job = await ran(2, { a: 'FAIL', b: 'PASS', c: 'FAIL', e: 'FAIL' })
  settle()
  const { body } = await compare({ job, base })
  expect(body).toMatchObject({ job, base, count: 5, next: null, baseline: { rule: 'named' } })
  expect(await classes({ job, base })).toEqual({
    a: 'regression',
    b: 'fixed',
    c: 'regression',
    d: 'missing',
    e: 'new_test',
  })
})

test('a base that flaked once hides no regression, and is not fixed', async () => {
  for (const hour of [1, 2, 3]) await ran(hour, { a: 'PASS', b: 'PASS', c: 'FAIL', d: 'PASS', e: 'PASS' })
  await ran(4, { a: 'PASS', b: 'PASS', c: 'FAIL', d: 'FAIL', e: 'FAIL' })
  const base = await ran(5, { a: 'FAIL', b: 'FAIL', c: 'FAIL', d: 'FAIL', e: 'FAIL' })
  const job = await ran(6, { a: 'PASS', b: 'FAIL', c: 'PASS', d: 'PASS', e: 'FAIL' })
  expect(await classes({ job, base })).toEqual({
    a: 'unchanged',
    b: 'regression',
    c: 'fixed',
    d: 'fixed_unsure',
    e: 'still_failing',
  })
})
