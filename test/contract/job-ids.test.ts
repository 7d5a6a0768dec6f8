// Which ids a job may have, and which it may not.

import { expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const RESERVED = answer(400, { id: ['This id is reserved.'] })
const LONG = '0123456789abcdef0123456789abcdef01234567'

/** Which job a reference gives: its id, or the status of the refusal. */
async function named(reference: string) {
  const { status, body } = await server.stranger.get(`/jobs/${encodeURIComponent(reference)}/`)
  return status === 200 ? body.id : status
}

test.each(['a.b', 'a_b', 'a:b', 'a-b', '-', '_', ':', '...', '.a', 'A', '1234567890123456', '12a', LONG])(
  'the id %s is a name',
  async (id) => {
    await server.makeJob({ id })
    expect(await named(id)).toBe(id)
  },
)

test.each([
  '1',
  '0',
  '007',
  '123456789012345',
  '.',
  '..',
  'summary',
  'latest',
  'compare',
  'search',
  'export',
  'events',
])('the id %s is reserved', async (id) => {
  expect(await server.client.post('/jobs/', { id })).toEqual(RESERVED)
  expect(await server.client.post('/jobs/', { uniqueident: id.toUpperCase() })).toEqual(RESERVED)
})

test.each(['a b', 'ä', 'a/b', 'a%2Fb', '#1', 'a\n', '🥑'])('the id %j is refused', async (id) => {
  const { status, body } = await server.client.post('/jobs/', { id })
  expect({ status, body }).toEqual({ status: 400, body: { id: [expect.any(String)] } })
})
