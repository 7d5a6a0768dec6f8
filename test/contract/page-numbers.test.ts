// What `page` and `page_size` may be, and what other texts mean there.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const test$ = (index: number) => ({ id: index + 1, job: 'a1', tag: `t${index}`, status: null })

beforeAll(() => server.makeJob({ id: 'a1', tests: numbers(11).map((index) => ({ tag: `t${index}` })) }))

test.each([
  ['/jobstatuses/', 10],
  ['/teststatuses/', 5],
])('%s comes in one page', async (path, count) => {
  const { body } = await server.stranger.get(path)
  expect(body).toEqual({ count, next: null, previous: null, results: expect.any(Array) })
  expect(body.results).toHaveLength(count)
})

test.each(['1', '9', '10', '11', '12', '1000', '1001', '9'.repeat(30)])(
  '?page_size=%s is honoured',
  async (size) => {
    const { body } = await server.stranger.get(`/jobs/a1/tests/?page_size=${size}`)
    expect(body.results).toEqual(numbers(Math.min(11, Number(size))).map(test$))
  },
)

test.each(['0', '-1', '', 'x', 'NaN', '1.5', '1e3', '0x10', ' 5', '%00', '５', 'last', 'Infinity', '%'])(
  '?page_size=%s means 10',
  async (size) => {
    const { status, body } = await server.stranger.get(`/jobs/a1/tests/?page_size=${size}`)
    expect([status, body.results.length]).toEqual([200, 10])
  },
)

test.each([
  '0',
  '-1',
  '',
  'x',
  'NaN',
  '1.5',
  '1e0',
  '0x1',
  'first',
  'LAST',
  '%00',
  '１',
  '3',
  '9'.repeat(400),
  '%',
])('?page=%s is no page', async (page) => {
  expect(await server.stranger.get(`/jobs/a1/tests/?page=${page}`)).toEqual(NOT_FOUND)
  expect(await server.stranger.get(`/linuxdistros/?page=${page}`)).toEqual(NOT_FOUND)
})
