import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()

test('POST /jobs/ refuses an id that exists, and says where it is', async () => {
  await server.makeJob({ id: 'a1' })
  const { status, body, headers } = await server.client.post('/jobs/', { id: 'A1' })
  expect({ status, body }).toEqual({ status: 400, body: { id: ['This field must be unique.'] } })
  expect(headers.get('location')).toBe(`${server.origin}/jobs/a1/`)
})

test('POST /jobs/ with nothing makes a job with defaults', async () => {
  const { status, body } = await server.client.post('/jobs/')
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      number: 1,
      description: null,
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 0,
      status: null,
      activities: [],
      tests: [],
    },
  })
})
