// /health/ and /ready/ are answered while everything else is refused.

import { expect, test } from 'bun:test'
import { RawRequest } from '../../support/raw-request'
import { withServer } from '../../support/server'

const server = withServer({ maxRequests: 3 })
const probes = [
  ['/health/', { alive: true }],
  ['/health', { alive: true }],
  ['/ready/', { ready: true }],
] as const

test('with as many requests under way as there may be', async () => {
  const headers = {
    'content-type': 'application/json',
    'content-length': '100',
    authorization: server.authorization,
  }
  const busy: RawRequest[] = []
  for (let count = 0; count < 4; count++) {
    busy.push(await RawRequest.begin(server.origin, 'POST', '/jobs/', headers))
    busy.at(-1)?.send('{')
  }
  await Bun.sleep(50)
  expect((await server.stranger.get('/jobs/')).status).toBe(503)
  for (const [path, body] of probes) {
    expect(await server.stranger.get(path)).toEqual({ status: 200, body, headers: expect.anything() })
  }
  for (const request of busy) request.close()
})

test('with a password, where too many were wrong', async () => {
  await server.setPassword('secret')
  const guess = (n: number) => server.stranger.as('admin', `wrong ${n}`)
  let last = 0
  while ((await guess(++last).get('/jobs/')).status !== 429);
  for (const [path, body] of probes) {
    expect(await guess(++last).get(path)).toEqual({ status: 200, body, headers: expect.anything() })
  }
}, 60_000)

test('an empty password is refused at once: it is no guess', async () => {
  await server.setPassword('secret')
  for (let count = 0; count < 30; count++) {
    expect((await server.stranger.as('admin', '').get('/jobs/')).status).toBe(401)
  }
  expect((await server.stranger.as('admin', 'secret').get('/jobs/')).status).toBe(200)
}, 60_000)
