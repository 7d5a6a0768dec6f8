// Requests that nobody should send: one half the same in every run, the other by chance.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { faultsOf } from '../support/fuzz/answers'
import { ApiDocument } from '../support/fuzz/document'
import { fuzz } from '../support/fuzz/fuzz'

const REQUESTS = 2500

test.each([20261124, Math.floor(Math.random() * 2 ** 31)])(
  'what is sent by chance, seed %d, is answered as documented, changes nothing without the right, and leaves the server sound',
  async (seed) => {
    using folder = new Folder()
    const { findings, requests, reached } = await fuzz(folder, REQUESTS, seed)
    expect(findings).toEqual([])
    expect(requests).toBeGreaterThanOrEqual(REQUESTS)
    expect(reached.operations).toBeGreaterThan(reached.of * 0.6)
  },
  120_000,
)

const failure = { type: 'object', properties: { detail: { type: 'string' } } }
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const thing = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
const document = new ApiDocument({
  paths: {
    '/things/{id}/': { get: { responses: { 200: json(thing), 404: json(failure), 503: json(failure) } } },
  },
  components: { securitySchemes: {} },
})

test.each([
  ['GET', 200, '{"id": 1}', []],
  ['GET', 200, '{"id": "1"}', ['200 differs from its schema: /id: expected integer, and it is string']],
  [
    'GET',
    200,
    '{"id": 1, "a": 2}',
    ['200 differs from its schema: /a: unexpected property, and it is number'],
  ],
  ['GET', 200, '{"id": 1', ['200 with broken JSON']],
  ['GET', 404, '{"detail": "Not found"}', []],
  ['GET', 404, '{"detail": "SQLITE_ERROR: no such table"}', ['404 says "SQLITE_ERROR: no such table"']],
  ['GET', 409, '{"detail": "Conflict."}', ['409 is not documented: {"detail": "Conflict."}']],
  ['GET', 500, '{"detail": "Internal error."}', ['500: {"detail": "Internal error."}']],
  ['GET', 503, '{"detail": "Not now."}', ['503: {"detail": "Not now."}']],
  ['PUT', 200, '{"id": 1}', ['200 for a method that it has not']],
  ['PUT', 405, '{"detail": "Method \\"PUT\\" not allowed."}', ['405 without Allow']],
])('of an answer to %s with %d and %s is said: %p', (method, status, text, faults) => {
  const headers = new Headers({ 'access-control-allow-origin': '*', 'content-type': 'application/json' })
  const request = { method, target: '/things/1/', headers: {}, body: undefined, sender: 0 }
  const sent = { ...request, template: undefined, transport: 'fetch' } as const
  expect(faultsOf(document, sent, { status, headers, text })).toEqual(faults)
})
