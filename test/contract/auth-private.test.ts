import { expect, test } from 'bun:test'
import { version } from '../../package.json'
import { withServer } from '../support/server'

const server = withServer({ private: true })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const MISSING = answer(401, { detail: 'Authentication credentials were not provided.' })
const WRONG = answer(401, { detail: 'Invalid username/password.' })

const guarded = [
  '/',
  '/jobs/',
  '/jobs',
  '/jobs/a1/',
  '/jobs/nope/',
  '/jobs/summary/',
  '/jobs/a1/tests/t/data/',
  '/jobstatuses/',
  '/teststatuses/1/',
  '/softwarecomponents/',
  '/testenvironments/',
]

test.each(guarded)('with --private, reading %s wants credentials', async (path) => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const reply = await server.stranger.get(path)
  expect(reply).toEqual(MISSING)
  expect(reply.headers.get('www-authenticate')).toBe('Basic realm="avocado-server"')
  expect((await server.stranger.send('HEAD', path)).status).toBe(401)
  expect([200, 404]).toContain((await server.client.get(path)).status)
})

test.each(['/swagger', '/swagger/json'])('with --private, reading %s wants credentials', async (path) => {
  const { status, body } = await server.stranger.get(path)
  expect([status, body.detail]).toEqual([401, 'Authentication credentials were not provided.'])
  expect((await server.client.get(path)).status).toBe(200)
})

test('with --private, a password opens, too', async () => {
  await server.setPassword('secret')
  expect((await server.stranger.as('admin', 'secret').get('/jobs/')).status).toBe(200)
})

test('with --private, a reader reads, follows what happens, and writes nothing', async () => {
  await server.makeJob({ id: 'a1' })
  await server.client.post('/users/', { username: 'eve', role: 'reader' })
  const { token } = (await server.client.post('/users/2/tokens/', {})).body
  const reader = server.stranger.with({ authorization: `Bearer ${token}` })
  expect((await reader.get('/jobs/a1/')).status).toBe(200)
  expect((await reader.send('HEAD', '/events/')).status).toBe(200)
  expect((await reader.patch('/jobs/a1/', { description: 'x' })).status).toBe(403)
})

test('with --private, our own pages get no WWW-Authenticate', async () => {
  const reply = await server.stranger.with({ 'sec-fetch-site': 'same-origin' }).get('/jobs/')
  expect(reply).toEqual(MISSING)
  expect(reply.headers.has('www-authenticate')).toBe(false)
})

test.each(['/version/', '/version', '/version/?x=1'])('with --private, %s stays open', async (path) => {
  expect(await server.stranger.get(path)).toEqual(answer(200, { version }))
})

test.each(['/dashboard/', '/dashboard', '/dashboard/jobs/a1'])(
  'with --private, the page %s opens, to sign in on it',
  async (path) => {
    const { status, body } = await server.stranger.get(path)
    expect([status, body]).toEqual([200, expect.stringContaining('<div id="app">')])
  },
)

test('with --private, a browser at / is led to the page, and a program is not', async () => {
  const { status, headers } = await server.stranger.with({ accept: 'text/html' }).get('/')
  expect([status, headers.get('location')]).toEqual([302, '/dashboard/'])
  expect(await server.stranger.get('/')).toEqual(MISSING)
})

test('with --private, wrong credentials are wrong where reading is open', async () => {
  expect(await server.stranger.as('admin', 'wrong').get('/version/')).toEqual(WRONG)
})

test('with --private, a write wants credentials, and takes them', async () => {
  expect(await server.stranger.post('/jobs/', {})).toEqual(MISSING)
  expect((await server.client.post('/jobs/', {})).status).toBe(201)
})

test('with --private, None:None is wrong', async () => {
  expect(await server.stranger.as('None', 'None').get('/jobs/')).toEqual(WRONG)
})

test('with --private, preflights are answered', async () => {
  const { status, headers } = await server.stranger
    .with({ origin: 'https://example.com', 'access-control-request-method': 'POST' })
    .send('OPTIONS', '/jobs/')
  expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*'])
})

test('with --private, an unknown URL and a wrong method are told to anyone', async () => {
  expect((await server.stranger.get('/nowhere/')).status).toBe(404)
  expect(await server.stranger.put('/jobs/', {})).toEqual(
    answer(405, { detail: 'Method "PUT" not allowed.' }),
  )
})
