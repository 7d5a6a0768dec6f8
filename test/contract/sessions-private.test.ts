import { beforeEach, expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { signIn } from '../support/session'

const server = withServer({ private: true })
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

beforeEach(() => server.setPassword('secret'))

test.each(['/auth/me/', '/auth/me'])('with --private, anyone may ask %s who he is', async (path) => {
  expect(await server.stranger.get(path)).toEqual(
    answer(200, { user: null, csrf_token: null, open: false, private: true }),
  )
})

test.each(['/auth/login', '/auth/login/'])(
  'with --private, %s is open, and a session reads',
  async (path) => {
    expect((await server.stranger.post(path, { username: 'admin', password: 'secret' })).status).toBe(200)
    const browser = await signIn(server.stranger, 'admin', 'secret')
    expect((await browser.get('/jobs/')).status).toBe(200)
    expect((await browser.post('/auth/logout/')).status).toBe(204)
    expect((await browser.get('/jobs/')).status).toBe(401)
    expect((await browser.post('/auth/logout')).status).toBe(204)
  },
)

test('with --private, our own pages get no WWW-Authenticate', async () => {
  const reply = await server.stranger.with({ 'x-csrf-token': '' }).get('/jobs/')
  expect(reply).toEqual(answer(401, { detail: 'Authentication credentials were not provided.' }))
  expect(reply.headers.has('www-authenticate')).toBe(false)
})
