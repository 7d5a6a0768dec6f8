// What is for administrators alone, even where anyone may write.

import { describe, expect, test } from 'bun:test'
import { withServer } from '../support/server'

const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const MISSING = answer(401, { detail: 'Authentication credentials were not provided.' })
const DENIED = answer(403, { detail: 'You do not have permission to perform this action.' })

const routes: [method: string, path: string][] = [
  ['GET', '/users/'],
  ['POST', '/users/'],
  ['GET', '/audit/'],
  ['GET', '/users/2/'],
  ['PATCH', '/users/2/'],
  ['GET', '/users/2/tokens/'],
  ['POST', '/users/2/tokens/'],
  ['GET', '/users/2/tokens/2/'],
  ['DELETE', '/users/2/tokens/2/'],
]

describe.each([{ open: false }, { open: true }])('with %p', (config) => {
  const server = withServer(config)

  /** Of a member, beside another one who has a token, too. */
  async function membersToken(): Promise<string> {
    await server.client.post('/users/', { username: 'bob' })
    await server.client.post('/users/', { username: 'carol' })
    await server.client.post('/users/2/tokens/', {})
    return (await server.client.post('/users/3/tokens/', {})).body.token
  }

  test.each(routes)('%s %s is for administrators', async (method, path) => {
    const carol = server.stranger.with({ authorization: `Bearer ${await membersToken()}` })
    for (const url of [path, path.slice(0, -1)]) {
      const stranger = await server.stranger.send(method, url)
      expect(stranger).toEqual(MISSING)
      expect(stranger.headers.get('www-authenticate')).toBe('Basic realm="avocado-server"')
      expect(await carol.send(method, url)).toEqual(DENIED)
    }
    expect((await server.client.get('/users/2/tokens/2/')).status).toBe(200)
  })

  test('somebody without the right is told so before anything of the body, or of the path', async () => {
    const carol = server.stranger.with({ authorization: `Bearer ${await membersToken()}` })
    for (const path of ['/users/2/tokens/', '/users/7/tokens/', '/users/']) {
      expect(await carol.request('POST', path, { body: '<xml/>' })).toEqual(DENIED)
    }
  })

  test('a form of another site cannot use the password that the browser remembers', async () => {
    await server.setPassword('secret')
    const foreign = server.stranger.as('admin', 'secret').with({ 'sec-fetch-site': 'cross-site' })
    expect(await foreign.post('/users/', new URLSearchParams({ username: 'eve' }))).toEqual(
      answer(403, { detail: 'A page of another site sent this form: only a token may do that.' }),
    )
  })
})
