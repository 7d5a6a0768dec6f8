import { expect, test } from 'bun:test'
import { hashToken, makeToken } from '../../src/auth/credentials'
import { addToken } from '../../src/auth/token-queries'
import { ACT, NOW, withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const MISSING = answer(401, { detail: 'Authentication credentials were not provided.' })
const WRONG = answer(401, { detail: 'Invalid username/password.' })
const WRONG_TOKEN = answer(401, { detail: 'Invalid token.' })
const CHALLENGE = 'Basic realm="avocado-server"'
const CREATED = answer(201, expect.objectContaining({ number: 1 }))

const writes: [method: string, path: string][] = [
  ['POST', '/jobs/'],
  ['PUT', '/jobs/a1/'],
  ['PATCH', '/jobs/a1/'],
  ['DELETE', '/jobs/a1/'],
  ['POST', '/jobs/a1/activities/'],
  ['PATCH', '/jobs/a1/activities/1/'],
  ['POST', '/jobs/a1/activity/'],
  ['POST', '/jobs/a1/test_activity/'],
  ['POST', '/jobs/a1/data/'],
  ['POST', '/jobs/a1/tests/'],
  ['PUT', '/jobs/a1/tests/1/'],
  ['DELETE', '/jobs/a1/tests/1/'],
  ['POST', '/jobs/a1/tests/1/activities/'],
  ['POST', '/jobs/a1/tests/1/data/'],
  ['DELETE', '/jobs/a1/tests/1/data/1/'],
  ['POST', '/softwarecomponentkinds/'],
  ['DELETE', '/softwarecomponentarches/1/'],
  ['PUT', '/softwarecomponents/1/'],
  ['PATCH', '/linuxdistros/1/'],
  ['POST', '/testenvironments/'],
]
const readOnly = ['/version/', '/jobstatuses/', '/jobstatuses/1/', '/teststatuses/', '/teststatuses/1/']
const readable = [
  '/',
  '/jobs/',
  '/jobs/a1/',
  '/jobs/a1/tests/',
  '/linuxdistros/',
  '/swagger',
  '/swagger/json',
  ...readOnly,
]

/** A token of the administrator. */
async function addedToken(expires: number | null = null) {
  const token = makeToken()
  const row = { username: 'admin', label: '', hash: hashToken(token), expires, actor: ACT }
  await server.database.write(addToken, row)
  return token
}

const bearing = (authorization: string) => server.stranger.with({ authorization })

test.each(readable)('anyone may read %s', async (path) => {
  await server.makeJob({ id: 'a1' })
  expect((await server.stranger.get(path)).status).toBe(200)
  expect((await server.stranger.send('HEAD', path)).status).toBe(200)
})

test.each(writes)('%s %s wants credentials, and says how to give them', async (method, path) => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const reply = await server.stranger.send(method, path, {})
  expect(reply).toEqual(MISSING)
  expect(reply.headers.get('www-authenticate')).toBe(CHALLENGE)
})

test('a user and a password may write', async () => {
  await server.setPassword('secret: ü')
  const authorization = `Basic ${Buffer.from('admin:secret: ü').toString('base64')}`
  expect(await bearing(authorization).post('/jobs/', {})).toEqual(CREATED)
})

test('a token may write', async () => {
  expect(await bearing(`Bearer ${await addedToken()}`).post('/jobs/', {})).toEqual(CREATED)
})

test('a token is good until it expires, and not then', async () => {
  const client = async (expires: number) => bearing(`Bearer ${await addedToken(expires)}`)
  expect(await (await client(NOW + 1)).post('/jobs/', {})).toEqual(CREATED)
  expect(await (await client(NOW)).post('/jobs/', {})).toEqual(WRONG_TOKEN)
  expect(await (await client(NOW - 1)).get('/jobs/')).toEqual(WRONG_TOKEN)
})

test.each(['basic', 'BASIC', 'Basic'])('the scheme %s is Basic', async (scheme) => {
  await server.setPassword('secret')
  const authorization = `${scheme} ${btoa('admin:secret')}`
  expect(await bearing(authorization).post('/jobs/', {})).toEqual(CREATED)
})

// RFC 9110, 11.1: the name of a scheme has no case.
test.each(['bearer', 'BEARER'])('the scheme %s is Bearer', async (scheme) => {
  expect(await bearing(`${scheme} ${await addedToken()}`).post('/jobs/', {})).toEqual(CREATED)
})

const wrong: [what: string, authorization: string][] = [
  ['a wrong password', `Basic ${btoa('admin:wrong')}`],
  ['an empty password', `Basic ${btoa('admin:')}`],
  ['no password', `Basic ${btoa('admin')}`],
  ['an unknown user', `Basic ${btoa('nobody:secret')}`],
  ['None:None', `Basic ${btoa('None:None')}`],
  ['what is not base64', 'Basic %%%'],
  ['nothing after Basic', 'Basic '],
  ['an unknown token', `Bearer ${makeToken()}`],
  ['nothing after Bearer', 'Bearer'],
  ['a user whose name is a piece of SQL', `Basic ${btoa("' OR 1=1 --:secret")}`],
]

test.each(wrong)('%s is wrong on any request', async (_, authorization) => {
  await server.setPassword('secret')
  await server.makeJob({ id: 'a1' })
  const client = bearing(authorization)
  for (const [method, path] of [
    ['GET', '/jobs/'],
    ['GET', '/version/'],
    ['GET', '/'],
    ['GET', '/jobs/nope/'],
    ['POST', '/jobs/'],
    ['PUT', '/jobstatuses/'],
    ['DELETE', '/jobs/a1/'],
    ['OPTIONS', '/jobs/'],
  ] as const) {
    const reply = await client.send(method, path)
    expect([path, reply]).toEqual([path, authorization.startsWith('Bearer') ? WRONG_TOKEN : WRONG])
    expect(reply.headers.get('www-authenticate')).toBe(CHALLENGE)
  }
  expect((await server.stranger.get('/jobs/')).body.count).toBe(1)
})

test.each(['/swagger', '/swagger/json'])('wrong credentials are told on %s, too', async (path) => {
  const { status, body } = await server.stranger.as('admin', 'wrong').get(path)
  expect([status, body.detail]).toEqual([401, 'Invalid username/password.'])
})

test('a user without a password cannot sign in', async () => {
  expect(await server.stranger.as('admin', '').get('/jobs/')).toEqual(WRONG)
  expect(await server.stranger.as('admin', 'null').get('/jobs/')).toEqual(WRONG)
})

test('a new password ends the old one at once', async () => {
  await server.setPassword('old')
  const [old, fresh] = [server.stranger.as('admin', 'old'), server.stranger.as('admin', 'new')]
  expect((await old.post('/jobs/', {})).status).toBe(201)
  expect((await old.post('/jobs/', {})).status).toBe(201)
  expect(await fresh.post('/jobs/', {})).toEqual(WRONG)
  await server.setPassword('new')
  expect(await old.post('/jobs/', {})).toEqual(WRONG)
  expect((await fresh.post('/jobs/', {})).status).toBe(201)
})

test('many requests with the same credentials at once are all let in', async () => {
  await server.setPassword('secret')
  const client = server.stranger.as('admin', 'secret')
  const replies = await Promise.all(Array.from({ length: 20 }, () => client.post('/jobs/', {})))
  expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(201))
})

test.each(readOnly)('nobody may write %s', async (path) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const stranger = await server.stranger.send(method, path)
    expect(stranger).toEqual(answer(403, { detail: 'Authentication credentials were not provided.' }))
    expect(await server.client.send(method, path)).toEqual(
      answer(403, { detail: 'You do not have permission to perform this action.' }),
    )
  }
})

test.each(['same-origin', 'same-site', 'cross-site', 'none'])(
  'a request of our own pages gets no WWW-Authenticate, others do: %s',
  async (site) => {
    const browser = server.stranger.with({ 'sec-fetch-site': site })
    const replies = [await browser.post('/jobs/', {}), await browser.as('admin', 'wrong').get('/jobs/')]
    expect(replies).toEqual([MISSING, WRONG])
    const challenge = site === 'same-origin' ? null : CHALLENGE
    expect(replies.map(({ headers }) => headers.get('www-authenticate'))).toEqual([challenge, challenge])
  },
)

const forms: [type: string, body: () => FormData | URLSearchParams | string][] = [
  ['application/x-www-form-urlencoded', () => new URLSearchParams({ id: 'a1' })],
  ['multipart/form-data', () => new FormData()],
  ['text/plain', () => '{"id":"a1"}'],
]

test.each(forms)('a form of another site is refused, unless it bears a token: %s', async (type, body) => {
  await server.setPassword('secret')
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const refused = await server.stranger
    .as('admin', 'secret')
    .with(foreign)
    .request('POST', '/jobs/', { body: body() })
  expect(refused).toEqual(answer(403, { detail: expect.any(String) }))
  const { status } = await server.client.with(foreign).request('POST', '/jobs/', { body: body() })
  expect(status).toBe(type === 'text/plain' ? 415 : 201)
})

test.each(['Bearer', 'bearer'])(
  'a form of another site may bear a token by the scheme %s',
  async (scheme) => {
    const client = bearing(`${scheme} ${await addedToken()}`).with({ 'sec-fetch-site': 'cross-site' })
    expect(await client.post('/jobs/', new URLSearchParams({}))).toEqual(CREATED)
  },
)

test.each(['same-site', 'cross-site', 'nonsense'])(
  'a form with Sec-Fetch-Site: %s is refused, and nothing is stored',
  async (site) => {
    await server.setPassword('secret')
    const browser = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': site })
    expect(await browser.post('/jobs/', new URLSearchParams({}))).toEqual(
      answer(403, { detail: 'A page of another site sent this form: only a token may do that.' }),
    )
    expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
  },
)

test.each(['same-origin', 'none'])('a form with Sec-Fetch-Site: %s is taken', async (site) => {
  await server.setPassword('secret')
  const browser = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': site })
  expect(await browser.post('/jobs/', new URLSearchParams({}))).toEqual(CREATED)
})

test('without TLS browsers send no Sec-Fetch-Site: then the origin of a form counts', async () => {
  await server.setPassword('secret')
  const browser = server.stranger.as('admin', 'secret')
  const foreign = browser.with({ origin: 'http://elsewhere.example' })
  expect(await foreign.post('/jobs/', new URLSearchParams({}))).toEqual(
    answer(403, { detail: expect.any(String) }),
  )
  const own = browser.with({ origin: server.origin })
  expect(await own.post('/jobs/', new URLSearchParams({}))).toEqual(CREATED)
  expect((await foreign.post('/jobs/', {})).status).toBe(201)
})

test('JSON from another site is taken, and so is its reading', async () => {
  await server.setPassword('secret')
  const browser = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': 'cross-site' })
  expect(await browser.post('/jobs/', {})).toEqual(CREATED)
  expect((await browser.get('/jobs/')).status).toBe(200)
})

test('a token in the query is none', async () => {
  const token = await addedToken()
  expect(await server.stranger.post(`/jobs/?access_token=${token}`, {})).toEqual(MISSING)
  expect(await server.stranger.post(`/jobs/?=${token}`, {})).toEqual(MISSING)
})
