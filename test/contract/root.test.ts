import { expect, test } from 'bun:test'
import { version } from '../../package.json'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const NOT_FOUND = answer(404, { detail: 'Not found' })

const jobStatuses = [
  { name: 'TEST_NA', description: '' },
  { name: 'ABORT', description: 'Job was removed from queue before completion' },
  { name: 'ERROR', description: '' },
  { name: 'FAIL', description: '' },
  { name: 'WARN', description: '' },
  { name: 'PASS', description: 'Job finished running successfull' },
  { name: 'START', description: 'Job just started running' },
  { name: 'ALERT', description: '' },
  { name: 'RUNNING', description: 'Job is currently being executed' },
  { name: 'NOSTATUS', description: 'Job has no recognizable status' },
]

const testStatuses = [
  { name: 'PASS', description: 'Test succeeded' },
  { name: 'ERROR', description: 'Test had an error' },
  { name: 'FAIL', description: 'Test failed' },
  { name: 'TEST_NA', description: 'Test was skipped' },
  { name: 'WARN', description: 'Test generated warnings' },
]

const partsAt = (origin: string) => ({
  jobstatuses: `${origin}/jobstatuses/`,
  teststatuses: `${origin}/teststatuses/`,
  softwarecomponentkinds: `${origin}/softwarecomponentkinds/`,
  softwarecomponentarches: `${origin}/softwarecomponentarches/`,
  softwarecomponents: `${origin}/softwarecomponents/`,
  linuxdistros: `${origin}/linuxdistros/`,
  testenvironments: `${origin}/testenvironments/`,
  jobs: `${origin}/jobs/`,
})

test('GET / gives the parts of the API in the order of the documentation', async () => {
  const reply = await server.stranger.get('/')
  expect(reply).toEqual(answer(200, partsAt(server.origin)))
  expect(Object.keys(reply.body)).toEqual(Object.keys(partsAt('')))
})

test('GET / builds its URLs from the host that it was asked at', async () => {
  const reply = await server.stranger.with({ host: 'lab.example:9405' }).get('/')
  expect(reply).toEqual(answer(200, partsAt('http://lab.example:9405')))
})

test('every URL of GET / answers', async () => {
  const urls = Object.values<string>((await server.stranger.get('/')).body)
  const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status))
  expect(statuses).toEqual(urls.map(() => 200))
})

test('GET / sends a browser to the dashboard', async () => {
  const browser = server.stranger.with({ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
  const { status, headers } = await browser.get('/')
  const { vary, location } = Object.fromEntries(headers)
  expect({ status, vary, location }).toEqual({ status: 302, vary: 'Accept', location: '/dashboard/' })
  const page = await fetch(new URL(location ?? '', server.origin), {
    headers: { accept: 'text/html' },
  })
  expect({ status: page.status, type: page.headers.get('content-type')?.split(';')[0] }).toEqual({
    status: 200,
    type: 'text/html',
  })
})

test.each(['*/*', 'application/json', 'application/json, text/html', 'text/plain'])(
  'GET / gives JSON, and says that it depends on Accept, to %s',
  async (accept) => {
    const reply = await server.stranger.with({ accept }).get('/')
    expect(reply).toEqual(answer(200, partsAt(server.origin)))
    expect(reply.headers.get('vary')).toBe('Accept, Accept-Encoding')
  },
)

test('GET /version/ gives the version of this project', async () => {
  expect(await server.stranger.get('/version/')).toEqual(answer(200, { version }))
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

const lists = [
  ['/jobstatuses/', jobStatuses],
  ['/teststatuses/', testStatuses],
] as const

test.each(lists)('GET %s gives the rows of the documentation in one page', async (path, rows) => {
  const body = { count: rows.length, next: null, previous: null, results: rows }
  expect(await server.stranger.get(path)).toEqual(answer(200, body))
})

test.each(lists)('GET %sID/ gives one row by its position, from 1', async (path, rows) => {
  const replies = await Promise.all(rows.map((_, index) => server.stranger.get(`${path}${index + 1}/`)))
  expect(replies).toEqual(rows.map((row) => answer(200, row)))
})

test.each(lists)('GET %sID/ is 404 for a position that is none', async (path, rows) => {
  for (const id of ['0', String(rows.length + 1), '-1', '1.5', 'PASS']) {
    expect(await server.stranger.get(`${path}${id}/`)).toEqual(NOT_FOUND)
  }
})

const fixed = ['/version/', '/jobstatuses/', '/jobstatuses/1/', '/teststatuses/', '/teststatuses/5/']
const writes = ['POST', 'PUT', 'PATCH', 'DELETE']
const cases = fixed.flatMap((path) => writes.map((method) => [method, path] as const))

test.each(cases)('%s %s is 403 for a user, and for nobody', async (method, path) => {
  const body = method === 'DELETE' ? undefined : { name: 'MINE', description: '' }
  expect(await server.client.send(method, path, body)).toEqual(
    answer(403, { detail: 'You do not have permission to perform this action.' }),
  )
  expect(await server.stranger.send(method, path, body)).toEqual(
    answer(403, { detail: 'Authentication credentials were not provided.' }),
  )
})

test.each(cases)('%s %s is 401 with wrong credentials', async (method, path) => {
  const impostor = server.stranger.with({ authorization: 'Bearer wrong' })
  expect(await impostor.send(method, path)).toEqual(answer(401, { detail: 'Invalid token.' }))
})

test('writing to a fixed row is refused before anything of the request is looked at', async () => {
  const init = { body: '{', headers: { 'content-type': 'text/plain' } }
  expect(await server.client.request('PUT', '/jobstatuses/99/', init)).toEqual(
    answer(403, { detail: 'You do not have permission to perform this action.' }),
  )
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s / is a wrong method', async (method) => {
  const reply = await server.client.send(method, '/')
  expect(reply).toEqual(answer(405, { detail: `Method "${method}" not allowed.` }))
  expect(reply.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
})
