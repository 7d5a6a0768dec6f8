// What protects whoever looks at an answer in a browser is on every kind of answer.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer({ maxBodyBytes: 1000 })

const json = { 'content-type': 'application/json' }
const html = { accept: 'text/html' }

type Kind = [what: string, status: number, method: string, path: string, init?: Parameters<typeof fetch>[1]]

const kinds: Kind[] = [
  ['a list', 200, 'GET', '/jobs/'],
  ['the same from memory', 200, 'GET', '/jobs/'],
  ['one thing', 200, 'GET', '/jobs/a1/'],
  ['what is not kept', 200, 'GET', '/auth/me/'],
  ['the head of it', 200, 'HEAD', '/jobs/a1/'],
  ['what is made', 201, 'POST', '/jobs/', { body: '{}', headers: json }],
  ['what is gone', 204, 'DELETE', '/jobs/a2/'],
  ['where the dashboard is', 302, 'GET', '/', { headers: html }],
  ['wrong fields', 400, 'POST', '/jobs/', { body: '{"time":1}', headers: json }],
  ['broken JSON', 400, 'POST', '/jobs/', { body: '{', headers: json }],
  ['an unknown job', 404, 'GET', '/jobs/nope/'],
  ['an unknown page', 404, 'GET', '/nowhere/'],
  ['a wrong method', 405, 'PUT', '/jobs/'],
  ['a body that is too large', 413, 'POST', '/jobs/', { body: 'x'.repeat(1001), headers: json }],
  ['a URL that is too long', 414, 'GET', `/${'x'.repeat(9000)}`],
  ['an unknown media type', 415, 'POST', '/jobs/', { body: 'x' }],
  ['what a path can do', 200, 'OPTIONS', '/jobs/'],
  ['the dashboard', 200, 'GET', '/dashboard/'],
  ['a file that the dashboard does not have', 404, 'GET', '/dashboard/main-abcdefgh.js'],
  ['the pages of the API', 200, 'GET', '/swagger'],
  ['what they show', 200, 'GET', '/swagger/json'],
  ['what they are made of', 200, 'GET', '/swagger/scalar.js'],
  ['the script', 200, 'GET', '/upload.sh'],
  ['events', 200, 'HEAD', '/events/'],
  ['files', 200, 'GET', '/jobs/a1/files/'],
  ['a failure for clients of ResultsDB', 404, 'GET', '/api/v2.0/results/7'],
]

test('every kind of answer is shown in no frame, as what it is, and tells no other site where it was', async () => {
  await server.makeJob({ id: 'a1' })
  await server.makeJob({ id: 'a2' })
  for (const [what, status, method, path, init] of kinds) {
    const { headers, ...reply } = await server.client.request(method, path, init as object)
    const policy = headers.get('content-security-policy') ?? ''
    expect([what, reply.status]).toEqual([what, status])
    expect([what, policy]).toEqual([what, expect.stringContaining("default-src 'none'")])
    expect([what, policy]).toEqual([what, expect.stringContaining("frame-ancestors 'none'")])
    expect([what, headers.get('x-content-type-options')]).toEqual([what, 'nosniff'])
    expect([what, headers.get('referrer-policy')]).toEqual([what, 'same-origin'])
    expect([what, headers.get('access-control-allow-origin')]).toEqual([what, '*'])
  }
})

test('so is what somebody has already, and who may not ask', async () => {
  await server.makeJob({ id: 'a1' })
  const { headers } = await server.client.get('/jobs/a1/')
  const replies = [
    await server.client.with({ 'if-none-match': headers.get('etag') ?? '' }).get('/jobs/a1/'),
    await server.stranger.post('/jobs/', {}),
    await server.stranger.as('admin', 'wrong').get('/jobs/'),
    await server.client.with({ 'if-none-match': '*' }).get('/dashboard/'),
  ]
  expect(replies.map(({ status }) => status)).toEqual([304, 401, 401, 304])
  for (const { headers } of replies) {
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
  }
})
