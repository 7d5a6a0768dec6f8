import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer({ private: true })

test('with --private, what is kept for one who may read is not for one who may not', async () => {
  await server.makeJob({ id: 'a1' })
  for (const _ of ['made', 'kept']) {
    const { status, headers } = await server.client.get('/jobs/')
    expect([status, headers.get('cache-control')]).toEqual([200, 'private, no-cache'])
    expect((await server.stranger.get('/jobs/')).status).toBe(401)
  }
  const { headers } = await server.client.get('/statistics/')
  expect(headers.get('cache-control')).toBe('private, no-cache')
})
