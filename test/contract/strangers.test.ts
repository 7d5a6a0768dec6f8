// Bodies that come before it is known who sends them: few at a time from one network, and nobody elsewhere waits.

import { expect, test } from 'bun:test'
import { RawRequest } from '../support/raw-request'
import { withServer } from '../support/server'

const server = withServer({ trustProxy: true })
/** More than one network may have on their way. */
const MANY = 40

async function trickle(path: string, network: string) {
  const requests: RawRequest[] = []
  for (let count = 0; count < MANY; count++) {
    const request = await RawRequest.begin(server.origin, 'POST', path, {
      'content-type': 'application/json',
      'content-length': '60',
      'x-forwarded-for': network,
    })
    request.send('{"username": "admin",')
    requests.push(request)
  }
  return requests
}

/** The statuses of those that are answered before their body has come. */
async function refused(requests: RawRequest[]) {
  await Bun.sleep(100)
  const answered = requests.filter(({ isAnswered }) => isAnswered)
  return Promise.all(answered.map(async (request) => (await request.answer())?.status))
}

const signIn = (network: string) =>
  server.stranger
    .with({ 'x-forwarded-for': network })
    .post('/auth/login/', { username: 'admin', password: 'secret' })

test.each([
  ['203.0.113.7', '203.0.113.7', '198.51.100.1'],
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:2::1'],
])('sign-ins that trickle from %s keep nobody out elsewhere', async (network, same, other) => {
  await server.setPassword('secret')
  const requests = await trickle('/auth/login/', network)
  expect(await refused(requests)).toEqual(Array(MANY - 32).fill(429))
  const { status, body, headers } = await signIn(same)
  expect([status, body, headers.get('retry-after')]).toEqual([
    429,
    { detail: 'Too many bodies without credentials are on their way: try again in 5 seconds.' },
    '5',
  ])
  expect((await signIn(other)).status).toBe(200)
  for (const request of requests) request.close()
  await Bun.sleep(100)
  expect((await signIn(same)).status).toBe(200)
})

test('the same holds for bodies of ResultsDB that bear no credentials in the head', async () => {
  const requests = await trickle('/api/v2.0/results', '203.0.113.7')
  expect(await refused(requests)).toEqual(Array(MANY - 32).fill(429))
  const post = (headers: Record<string, string>) =>
    server.stranger
      .with({ 'x-forwarded-for': '203.0.113.7', ...headers })
      .post('/api/v2.0/groups', { uuid: 'a1' })
  expect((await post({})).status).toBe(429)
  expect((await post({ authorization: server.authorization })).status).toBe(201)
  for (const request of requests) request.close()
})
