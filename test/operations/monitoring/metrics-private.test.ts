import { expect, test } from 'bun:test'
import { withServer } from '../../support/server'

const server = withServer({ private: true })

test('with --private the metrics are for those who may read, by a password or a token', async () => {
  await server.setPassword('right')
  const { status, body } = await server.stranger.get('/metrics/')
  expect({ status, body }).toEqual({
    status: 401,
    body: { detail: 'Authentication credentials were not provided.' },
  })
  expect((await server.stranger.as('admin', 'right').get('/metrics')).status).toBe(200)
  expect((await server.client.get('/metrics/')).status).toBe(200)
})

test('with --private answers from memory are counted, too', async () => {
  await server.makeJob({ id: 'a1' })
  for (let count = 0; count < 3; count++) await server.client.get('/jobs/a1/')
  const { body } = await server.client.get('/metrics/')
  expect(body).toContain('\navocado_http_requests_total{method="GET",route="/jobs/:job/",status="200"} 3\n')
  expect(body).toContain('\navocado_cache_requests_total{result="hit"} 2\n')
})
