// Requests that nobody should send, to servers of every kind: one half the same in every run, the other by chance.
// `bun run fuzz` sends many more.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { faultsOf } from '../support/fuzz/answers'
import { ApiDocument } from '../support/fuzz/document'
import { fuzz } from '../support/fuzz/fuzz'
import { faultsAt, forgedAmong, sites } from '../support/fuzz/sites'
import { needing } from '../support/needs'

const REQUESTS = 1500
const TIMEOUT_MS = 600_000
/** Of the two halves: the same in every run, and by chance. */
const SEEDS: [number, number] = [20261124, Math.floor(Math.random() * 2 ** 31)]

needing('openssl')(
  `what is sent by chance, seeds ${SEEDS.join(' and ')}, is answered as documented, changes nothing without the right, and leaves the server sound`,
  async () => {
    using folder = new Folder()
    const { findings, requests, reached } = await fuzz(folder, REQUESTS, SEEDS)
    expect(findings).toEqual([])
    expect(requests).toBeGreaterThanOrEqual(REQUESTS)
    expect(reached.operations).toBeGreaterThan(reached.of * 0.75)
  },
  TIMEOUT_MS,
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

/** A request, and what a server of some kind answers, unless told: `{}`, to nobody. */
interface Exchange {
  path?: string
  method?: string
  sent?: Record<string, string>
  role?: string
  status?: number
  text?: string
  answered?: Record<string, string>
}

const next = (url: string) => JSON.stringify({ next: `${url}/things/?page=2` })
const cookie = (rest: string) => ({
  'set-cookie': `avocado_session=a; Path=/; HttpOnly; SameSite=Strict${rest}`,
})
const forwarded = { 'x-forwarded-host': 'forged.invalid, lab.example', 'x-forwarded-proto': 'http, https' }
const OTHER_HOST = '{"detail": "This server does not answer to the host "a"."}'

test.each<[site: string, Exchange, string[]]>([
  ['plain', { text: next('http://127.0.0.1:1') }, []],
  [
    'plain',
    { text: next('https://127.0.0.1:1') },
    ['a link to https://127.0.0.1:1, and not to http://127.0.0.1:1'],
  ],
  [
    'plain',
    { text: next('http://a.example') },
    ['a link to http://a.example, and not to http://127.0.0.1:1'],
  ],
  ['plain', { sent: { host: 'a.example' }, text: next('http://a.example') }, []],
  ['plain', { sent: { host: 'a b' }, text: next('http://localhost') }, []],
  [
    'plain',
    { sent: { host: 'a.example"' }, text: next('http://a.example"') },
    ['a link to http://a.example, and not to http://localhost'],
  ],
  [
    'plain',
    { sent: forwarded, text: next('https://lab.example') },
    ['a link to https://lab.example, and not to http://127.0.0.1:1'],
  ],
  ['behind a proxy', { sent: forwarded, text: next('https://lab.example') }, []],
  [
    'behind a proxy',
    { sent: forwarded, answered: { location: 'http://forged.invalid/' } },
    ['a link to http://forged.invalid, and not to https://lab.example'],
  ],
  ['behind a proxy', { sent: forwarded, answered: cookie('; Secure') }, []],
  ['TLS', { answered: cookie('; Secure') }, []],
  [
    'TLS',
    { answered: cookie('') },
    ['a cookie by https: avocado_session=...; Path=/; HttpOnly; SameSite=Strict'],
  ],
  [
    'plain',
    { answered: { 'set-cookie': 'a=b; Path=/; HttpOnly' } },
    ['a cookie by http: a=...; Path=/; HttpOnly'],
  ],
  ['of allowed hosts', { sent: { host: 'lab.example' } }, []],
  ['of allowed hosts', { sent: { host: 'forged.invalid' } }, ['200 for a host that is not allowed']],
  ['of allowed hosts', { sent: { host: 'a b.labs.example' } }, ['200 for a host that is not allowed']],
  ['of allowed hosts', { sent: { host: 'forged.invalid' }, status: 400, text: OTHER_HOST }, []],
  ['of allowed hosts', { status: 400, text: OTHER_HOST }, ['a host that is allowed is refused']],
  ['plain', {}, []],
  ['plain', { method: 'PUT' }, ['200 for nobody']],
  ['plain', { path: '/auth/me/', text: '{"user": {"id": 1}}' }, ['nobody is somebody']],
  ['private', {}, ['200 for nobody']],
  ['private', { status: 304 }, ['304 for nobody']],
  ['private', { status: 404 }, ['404 before credentials are asked for']],
  ['private', { status: 401 }, []],
  ['private', { role: 'reader' }, []],
  ['private', { path: '/version/' }, []],
  ['private', { path: '/versions/' }, ['200 for nobody']],
])('of a server, %s, is said with %j: %p', (name, exchange, faults) => {
  const {
    path = '/things/1/',
    method = 'GET',
    sent = {},
    role,
    status = 200,
    text = '{}',
    answered,
  } = exchange
  const site = sites.find((site) => site.name === name) ?? expect.unreachable()
  const headers = new Headers({
    'access-control-allow-origin': '*',
    'content-type': 'application/json',
    ...answered,
  })
  const request = { method, target: path, headers: sent, body: undefined, sender: 0, template: undefined }
  const told = faultsAt(site, `http${name === 'TLS' ? 's' : ''}://127.0.0.1:1`, document, {
    request: { ...request, transport: 'fetch' },
    sender: { role, headers: new Headers() },
    reply: { status, headers, text },
  })
  expect(told).toEqual(faults)
})

test.each([
  ['plain', ['-', '127.0.0.1', '127.0.1.3'], []],
  ['plain', ['127.0.0.1', '192.0.2.1'], ['192.0.2.1']],
  ['behind a proxy', ['192.0.2.1', '198.51.100.7'], ['198.51.100.7']],
])('of a server, %s, with %p in its audit log are forged: %p', (name, addresses, forged) => {
  const site = sites.find((site) => site.name === name) ?? expect.unreachable()
  expect(forgedAmong(site, addresses)).toEqual(forged)
})
