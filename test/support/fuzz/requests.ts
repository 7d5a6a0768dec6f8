// The requests: made of a plan, which the seed alone decides, and of what the server has shown by then.

import fc from 'fast-check'
import { addressing } from './addresses'
import type { ApiDocument, Operation, Parameter } from './document'
import { encodeSegment, type Known } from './known'
import type { Schema } from './schema'
import { hostileText, Raw, Seen, valueFor } from './values'

/** How a request travels: by `fetch`, or byte by byte over a socket, there perhaps broken off in the middle. */
export type Transport = 'fetch' | 'socket' | { cutAt: number }

export interface Request {
  method: string
  /** With the query, as it stands in the request's first line. */
  target: string
  /** The path's template; undefined where the path is made up. */
  template: string | undefined
  /** Without those that say who asks. */
  headers: Record<string, string>
  body: Uint8Array | undefined
  transport: Transport
  /** Which of those who may ask asks. */
  sender: number
}

export interface Plan {
  operation: Operation
  method: string
  pick: number
  /** In place of the path's last parameter; undefined: what exists. */
  segment: string | undefined
  query: [string, unknown][]
  headers: Record<string, string>
  body: { type: string; value: unknown } | undefined
  /** Where the body's bytes are cut, doubled or changed. */
  damage: Damage[]
  transport: Transport
  sender: number
}

interface Damage {
  kind: 'cut' | 'change' | 'insert' | 'double'
  /** 0 to 1. */
  where: number
  byte: number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const OTHER_METHODS = ['TRACE', 'PROPFIND', 'CONNECT']

const accepts = [
  'text/html',
  '*/*;q=0',
  'application/json; indent=4',
  'application/json; indent=99',
  'image/png',
  ',',
  '',
]
const oddTypes = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'json',
  '',
  'multipart/form-data',
]

const oddHeaders: Record<string, string[]> = {
  accept: accepts,
  'accept-encoding': ['gzip', 'zstd', 'br', 'gzip;q=0', '*', 'identity;q=0'],
  'if-none-match': ['*', '"a"', 'W/"', ''],
  range: ['bytes=0-0', 'bytes=5-1', 'bytes=-0', 'bytes=-99999999999999999999', 'bytes=0-1,3-4', 'lines=1'],
  'last-event-id': ['1', '-1', '999999999999999999999', 'x'],
  'content-encoding': ['gzip', 'zstd', 'identity', 'x'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'x'],
  origin: ['null', 'http://evil.invalid'],
  cookie: ['avocado_session=', 'avocado_session=a; avocado_session=b', '=;=', 'a'],
}

const oneIn = <T>(count: number, odd: fc.Arbitrary<T>, usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 1, arbitrary: odd }, { weight: count - 1, arbitrary: usual })

/** @param files  what bodies that are no objects are made of: what Avocado wrote. */
export function plans({ operations }: ApiDocument, files: Uint8Array[]): fc.Arbitrary<Plan> {
  const each = operations.map((operation) =>
    fc.record<Plan>({
      operation: fc.constant(operation),
      method: oneIn(
        10,
        oneIn(4, fc.constantFrom(...OTHER_METHODS), fc.constantFrom(...METHODS)),
        fc.constant(operation.method),
      ),
      pick: fc.nat(999),
      segment: oneIn<string | undefined>(8, hostileText, fc.constant(undefined)),
      query: queryOf(operation.parameters),
      headers: fc
        .tuple(oneIn(4, headers, fc.constant({})), oneIn(4, addressing, fc.constant({})))
        .map(([odd, address]) => ({ ...odd, ...address })),
      body: bodyOf(operation, files),
      damage: oneIn(8, fc.array(damage, { minLength: 1, maxLength: 3 }), fc.constant([])),
      transport: oneIn<Transport>(20, odd, fc.constant('fetch')),
      sender: fc.nat(999),
    }),
  )
  return fc.oneof(...each)
}

/** A plan with nothing odd in it: what the document asks for, of something that is there. */
export function sanePlan(operation: Operation, files: Uint8Array[]): fc.Arbitrary<Plan> {
  return fc.record<Plan>({
    operation: fc.constant(operation),
    method: fc.constant(operation.method),
    pick: fc.nat(999),
    segment: fc.constant(undefined),
    query: fc.constant([]),
    headers: fc.constant({}),
    body: saneBodyOf(operation, files),
    damage: fc.constant([]),
    transport: fc.constant('fetch'),
    sender: fc.constant(0),
  })
}

const odd: fc.Arbitrary<Transport> = fc.oneof(
  fc.constant<Transport>('socket'),
  fc.record({ cutAt: fc.double({ min: 0, max: 1, noNaN: true }) }),
)

function queryOf(parameters: Parameter[]): fc.Arbitrary<[string, unknown][]> {
  const known = parameters.filter((parameter) => parameter.in === 'query')
  const pairs = known.map(({ name, schema = { type: 'string' } }) =>
    fc.tuple(fc.constant(name), oneIn(3, hostileText as fc.Arbitrary<unknown>, valueFor(schema, name, 6))),
  )
  const odd = fc.tuple(hostileText, hostileText as fc.Arbitrary<unknown>)
  const query = fc.array(oneIn(8, odd, fc.oneof(odd, ...pairs)), { maxLength: known.length > 0 ? 4 : 1 })
  // The first of many pages, with a link to the next.
  const page = fc.constant<[string, unknown][]>([['page_size', 1]])
  return known.some(({ name }) => name === 'page_size') ? oneIn(4, page, query) : query
}

const oddPairs = Object.entries(oddHeaders).flatMap(([name, values]) =>
  values.map((value) => [name, value] as const),
)
const headers = fc
  .array(fc.constantFrom(...oddPairs), { minLength: 1, maxLength: 3 })
  .map((pairs) => Object.fromEntries(pairs))

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('cut', 'change', 'insert', 'double'),
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.oneof(fc.constantFrom(0, 0xff, 0xc3, 0x80, 0x22, 0x7b, 0x5c), fc.nat(255)),
})

function bodyOf({ bodies }: Operation, files: Uint8Array[]): fc.Arbitrary<Plan['body']> {
  const sent = Object.entries(bodies).map(([type, schema]: [string, Schema]) => {
    const value =
      schema.format === 'binary'
        ? fc.constantFrom<unknown>(...files)
        : fc.oneof(valueFor(schema, '', 0), valueFor(schema, '', 5))
    const typed = fc.record({ type: oneIn(15, fc.constantFrom(...oddTypes), fc.constant(type)), value })
    return { weight: type === 'application/json' ? 8 : 1, arbitrary: typed as fc.Arbitrary<Plan['body']> }
  })
  const unasked = fc.record({
    type: fc.constant('application/json'),
    value: valueFor({ type: 'object' }, '', 5),
  })
  if (sent.length === 0) return oneIn<Plan['body']>(15, unasked, fc.constant(undefined))
  return oneIn<Plan['body']>(30, fc.constant(undefined), fc.oneof(...sent))
}

function saneBodyOf({ bodies }: Operation, files: Uint8Array[]): fc.Arbitrary<Plan['body']> {
  const sent = Object.entries(bodies).map(([type, schema]: [string, Schema]) => {
    const value = schema.format === 'binary' ? fc.constantFrom<unknown>(...files) : valueFor(schema, '', 0)
    return value.map((value) => ({ type, value }))
  })
  return sent.length === 0 ? fc.constant(undefined) : fc.oneof(...sent)
}

/** The request that a plan becomes. */
export function requestOf(plan: Plan, known: Known): Request {
  const { operation, method, transport, sender } = plan
  const { path, isMadeUp } = pathOf(plan, known)
  const query = plan.query.map(([name, value]) => {
    const text = value instanceof Seen ? known.value(value.field, value.pick) : value
    return `${encodeSegment(name)}=${encodeSegment(typeof text === 'string' ? text : jsonOf(text, known))}`
  })
  const target = query.length > 0 ? `${path}?${query.join('&')}` : path
  const template = isMadeUp ? undefined : operation.template
  const request = {
    method,
    target,
    template,
    headers: { ...plan.headers },
    body: undefined,
    transport,
    sender,
  }
  if (!plan.body) return request
  const { type, bytes } = encode(plan.body, known)
  const headers = type === '' ? request.headers : { ...request.headers, 'content-type': type }
  return { ...request, headers, body: plan.damage.reduce(damaged, bytes) }
}

/** Fills in what exists, from the left, and what may not, on the right. */
function pathOf({ operation, pick, segment }: Plan, known: Known): { path: string; isMadeUp: boolean } {
  const { template } = operation
  const ends = [...template.matchAll(/\{[^}]+\}\/?/g)]
    .map(({ index, 0: { length } }) => index + length)
    .reverse()
  let [rest, path] = [template, '']
  for (const end of segment === undefined ? ends : ends.slice(1)) {
    const existing = known.path(template.slice(0, end), pick)
    if (existing === undefined) continue
    path = existing
    rest = template.slice(end)
    break
  }
  const made = segment ?? String(1 + (pick % 9))
  return { path: path + rest.replace(/\{[^}]+\}/g, encodeSegment(made)), isMadeUp: segment !== undefined }
}

/** Not JSON.stringify alone: numbers that JavaScript has not, and values that are known only now. */
function jsonOf(value: unknown, known: Known): string {
  const raws: string[] = []
  const text = JSON.stringify(value, (_, part) => {
    if (part instanceof Seen) return known.value(part.field, part.pick) ?? 1
    return part instanceof Raw ? `@raw${raws.push(part.text) - 1}@` : part
  })
  return (text ?? 'null').replace(/"@raw(\d+)@"/g, (_, index) => raws[Number(index)] ?? '')
}

const BOUNDARY = 'fuzz-boundary'

function encode(
  { type, value }: { type: string; value: unknown },
  known: Known,
): { type: string; bytes: Uint8Array } {
  if (value instanceof Uint8Array) return { type, bytes: value }
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : { a: value }).map(
    ([name, field]) => [name, typeof field === 'string' ? field : jsonOf(field, known)] as const,
  )
  if (type === 'application/x-www-form-urlencoded') {
    const pairs = fields.map(([name, field]) => `${encodeSegment(name)}=${encodeSegment(field)}`)
    return { type, bytes: Buffer.from(pairs.join('&')) }
  }
  if (type === 'multipart/form-data') {
    const parts = fields.map(
      ([name, field]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${field}\r\n`,
    )
    return {
      type: `${type}; boundary=${BOUNDARY}`,
      bytes: Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`),
    }
  }
  return { type, bytes: Buffer.from(jsonOf(value, known)) }
}

function damaged(bytes: Uint8Array, { kind, where, byte }: Damage): Uint8Array {
  const at = Math.floor(where * bytes.length)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  if (kind === 'cut') return before
  if (kind === 'change') return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)])
  if (kind === 'insert') return Buffer.concat([before, Buffer.from([byte]), after])
  return Buffer.concat([bytes, after])
}
