import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

test.each([
  [200, 'GET', '/jobs/', undefined],
  [200, 'OPTIONS', '/jobs/', undefined],
  [201, 'POST', '/jobs/', {}],
  [200, 'POST', '/jobs/a1/tests/', { tag: 'new' }],
  [400, 'POST', '/jobs/', []],
  [400, 'POST', '/jobs/', { id: 'a1' }],
  [404, 'GET', '/jobs/nope/', undefined],
  [404, 'GET', '/jobs/?page=2', undefined],
  [405, 'PUT', '/jobs/', {}],
  [403, 'PUT', '/jobstatuses/', {}],
  [409, 'DELETE', '/softwarecomponentarches/1/', undefined],
])('an answer %d is JSON, for every site: %s %s', async (status, method, path, body) => {
  await server.makeJob({ id: 'a1' })
  const reply = await server.client.send(method, path, body)
  expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'application/json'])
  expect(reply.headers.get('access-control-allow-origin')).toBe('*')
})

test('an answer to a request without the right, and one that is not JSON, is for every site, too', async () => {
  await server.makeJob({ id: 'a1' })
  const replies = [
    await server.stranger.post('/jobs/', {}),
    await server.client.as('admin', 'wrong').get('/jobs/'),
    await server.client.get('/nowhere/'),
    await server.client.get('/swagger'),
    await server.client.get('/swagger/json'),
    await server.client.delete('/jobs/a1/'),
    await server.client.send('HEAD', '/jobs/'),
  ]
  expect(replies.map(({ status }) => status)).toEqual([401, 401, 404, 200, 200, 204, 200])
  expect(replies.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(Array(7).fill('*'))
})

test.each(['*/*', 'text/html', 'image/png', 'nonsense', ';;', 'application/xml;q=0.9'])(
  'Accept: %s still gets JSON',
  async (accept) => {
    const reply = await server.client.with({ accept }).get('/jobs/')
    expect(reply).toEqual(answer(200, { count: 0, next: null, previous: null, results: [] }))
  },
)

test('every method works without the slash at the end', async () => {
  const steps: [method: string, path: string, body: object | undefined, status: number][] = [
    ['POST', '/jobs', { id: 'a1' }, 201],
    ['PUT', '/jobs/a1', { description: 'd' }, 200],
    ['PATCH', '/jobs/a1', { status: 'PASS' }, 200],
    ['POST', '/jobs/a1/tests', { tag: 't' }, 200],
    ['PUT', '/jobs/a1/tests/t', { tag: 'u' }, 200],
    ['PATCH', '/jobs/a1/tests/u', { status: 'PASS' }, 200],
    ['POST', '/jobs/a1/tests/u/data', { key: 'k', value: 'v' }, 200],
    ['PATCH', '/jobs/a1/tests/u/data/1', { value: 'w' }, 200],
    ['DELETE', '/jobs/a1/tests/u/data/1', undefined, 204],
    ['DELETE', '/jobs/a1/tests/u', undefined, 204],
    ['POST', '/jobs/a1/activity', { activity: 'a', time: '2013-05-02T05:00:01Z' }, 200],
    ['OPTIONS', '/jobs/a1', undefined, 200],
    ['POST', '/jobstatuses', {}, 403],
  ]
  for (const [method, path, body, status] of steps) {
    const reply = await server.client.send(method, path, body)
    expect([method, path, reply.status]).toEqual([method, path, status])
  }
  expect(await server.client.get('/jobs/a1')).toEqual(
    answer(200, {
      id: 'a1',
      number: 1,
      description: 'd',
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 0,
      status: 'PASS',
      activities: [{ job: 'a1', activity: 'a', time: '2013-05-02T05:00:01Z' }],
      tests: [],
    }),
  )
  expect(await server.client.delete('/jobs/a1')).toEqual(answer(204, null))
})

test('the links of a page asked for without the slash have it', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: '1a' }, { tag: '2a' }] })
  expect(await server.client.get('/jobs/a1/tests?page_size=1')).toEqual(
    answer(200, {
      count: 2,
      next: `${server.origin}/jobs/a1/tests/?page_size=1&page=2`,
      previous: null,
      results: [{ id: 1, job: 'a1', tag: '1a', status: null }],
    }),
  )
})

test('no path, whatever is in it, makes the server fail', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const part = fc.oneof(
    fc.constantFrom('jobs', 'a1', 'tests', '1', 'data', 'activities', 'linuxdistros', 'swagger', 'json'),
    fc.constantFrom('', '%', '%ff', '%00', '%2F', '%2e', '.', '..', '%ED%A0%80', '1e400', '9'.repeat(40)),
    fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
  )
  const path = fc.array(part, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`)
  const method = fc.constantFrom('GET', 'OPTIONS', 'PUT', 'PATCH')
  await fc.assert(
    fc.asyncProperty(method, path, async (method, path) => {
      expect((await server.client.send(method, path)).status).toBeLessThan(500)
    }),
    { numRuns: 300 },
  )
})
