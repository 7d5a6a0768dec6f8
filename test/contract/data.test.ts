import { beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })
const page = (...results: object[]) => ({ count: results.length, next: null, previous: null, results })
const NOT_FOUND = answer(404, { detail: 'Not found' })
const short = (value: unknown) => JSON.stringify(value).slice(0, 60)

beforeEach(async () => {
  await server.makeJob({ id: 'a', tests: [{ tag: 't' }] })
})

const kinds = [
  { path: '/jobs/a/data/', owner: { job: 'a' }, sentence: 'job data added', unique: 'job' },
  { path: '/jobs/a/tests/t/data/', owner: { test: 1 }, sentence: 'test data added', unique: 'test' },
]

test.each(kinds)(
  'POST $path adds data, and GET shows them with their ids',
  async ({ path, owner, sentence }) => {
    const added = answer(200, { status: sentence })
    const cmdline = {
      category: 'sysinfo',
      key: 'cmdline',
      value: 'BOOT_IMAGE=/vmlinuz-3.14.3 root=/dev/vg rhgb',
    }
    expect(await server.client.post(path, cmdline)).toEqual(added)
    expect(await server.client.post(path, new URLSearchParams({ key: 'debug.log', value: '' }))).toEqual(
      added,
    )
    expect(await server.client.post(path, { key: 'nothing', value: null })).toEqual(added)
    expect(await server.client.post(path, { key: 'no value' })).toEqual(added)
    const shown = [
      { id: 1, ...owner, ...cmdline },
      { id: 2, ...owner, category: 'default', key: 'debug.log', value: '' },
      { id: 3, ...owner, category: 'default', key: 'nothing', value: null },
      { id: 4, ...owner, category: 'default', key: 'no value', value: null },
    ]
    expect(await server.stranger.get(path)).toEqual(answer(200, page(...shown)))
    for (const datum of shown)
      expect(await server.stranger.get(`${path}${datum.id}/`)).toEqual(answer(200, datum))
  },
)

test.each(kinds)('a datum of $path can be changed and deleted', async ({ path, owner }) => {
  await server.client.post(path, { category: 'c', key: 'k', value: 'v' })
  const datum = { id: 1, ...owner, category: 'c', key: 'k', value: 'v' }
  const steps: ['put' | 'patch', object, object][] = [
    ['patch', { value: 'other' }, { ...datum, value: 'other' }],
    ['patch', { category: 'd', key: 'l' }, { ...datum, category: 'd', key: 'l', value: 'other' }],
    ['patch', { value: null }, { ...datum, category: 'd', key: 'l', value: null }],
    ['put', { category: 'c', key: 'k', value: 'v' }, datum],
  ]
  for (const [method, change, shown] of steps) {
    expect(await server.client[method](`${path}1/`, change)).toEqual(answer(200, shown))
    expect(await server.stranger.get(`${path}1/`)).toEqual(answer(200, shown))
  }
  expect(await server.client.delete(`${path}1/`)).toEqual(answer(204, null))
  expect(await server.stranger.get(`${path}1/`)).toEqual(NOT_FOUND)
  expect(await server.stranger.get(path)).toEqual(answer(200, page()))
})

test.each(kinds)('category and key are unique in $path, also after a change', async ({ path, unique }) => {
  const refused = answer(400, {
    non_field_errors: [`The fields ${unique}, category, key must make a unique set.`],
  })
  await server.client.post(path, { category: 'c', key: 'k', value: 'v' })
  expect(await server.client.post(path, { category: 'c', key: 'k', value: 'w' })).toEqual(refused)
  for (const other of [{ category: 'c', key: 'K' }, { category: 'd', key: 'k' }, { key: 'k' }]) {
    expect((await server.client.post(path, { ...other, value: 'w' })).status).toBe(200)
  }
  expect(await server.client.patch(`${path}4/`, { category: 'c' })).toEqual(refused)
  expect(await server.client.put(`${path}4/`, { category: 'd', key: 'k' })).toEqual(refused)
  expect((await server.stranger.get(`${path}4/`)).body).toMatchObject({
    category: 'default',
    key: 'k',
    value: 'w',
  })
})

const refusals: [object, object][] = [
  [{}, { key: ['This field is required.'] }],
  [{ key: '' }, { key: ['This field may not be blank.'] }],
  [{ key: null }, { key: ['This field may not be null.'] }],
  [{ key: 'k'.repeat(256) }, { key: ['Ensure this field has no more than 255 characters.'] }],
  [{ key: 'k', value: {} }, { value: ['Not a valid string.'] }],
  [{ key: 'k', value: 'a\0b' }, { value: ['Null characters are not allowed.'] }],
  [{ key: 'k', value: '\ud83e' }, { value: ['Not a valid string.'] }],
  [
    { key: 'k\0', category: '\udd51' },
    { key: ['Null characters are not allowed.'], category: ['Not a valid string.'] },
  ],
]

test.each(refusals.map(([body, errors]) => [short(body), body, errors] as const))(
  'a datum like %s is refused',
  async (_, body, errors) => {
    for (const { path } of kinds) {
      expect(await server.client.post(path, body)).toEqual(answer(400, errors))
      expect(await server.stranger.get(path)).toEqual(answer(200, page()))
    }
  },
)

test.each(kinds)('a datum of $path is found below its own owner only', async ({ path }) => {
  await server.makeJob({ id: 'b', tests: [{ tag: 't' }] })
  await server.client.post(path, { key: 'k', value: 'v' })
  const elsewhere = path.replace('/jobs/a/', '/jobs/b/')
  expect(await server.stranger.get(elsewhere)).toEqual(answer(200, page()))
  for (const wrong of [`${elsewhere}1/`, `${path}2/`, `${path}0/`, `${path}x/`]) {
    expect(await server.client.get(wrong)).toEqual(NOT_FOUND)
    expect(await server.client.put(wrong, { key: 'l' })).toEqual(NOT_FOUND)
    expect(await server.client.patch(wrong, { key: 'l' })).toEqual(NOT_FOUND)
    expect(await server.client.delete(wrong)).toEqual(NOT_FOUND)
  }
  expect(await server.client.post('/jobs/none/data/', { key: 'k' })).toEqual(NOT_FOUND)
  expect(await server.client.post('/jobs/b/tests/1/data/', { key: 'k' })).toEqual(NOT_FOUND)
  expect((await server.stranger.get(path)).body.results).toHaveLength(1)
})

const character = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  fc.constantFrom(...'\ufeff\r\n+&="\\\ufffd🥑\u2028 ', '\r\n', '%41'),
)
const anyText = fc.string({ unit: character, maxLength: 40 }).map((text) => text.replaceAll('\0', ''))
const anyName = anyText.map((text) => text.slice(0, 60).toWellFormed() || 'k')

/** As a browser or curl sends it, byte for byte. */
function multipart(fields: Record<string, string>) {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--limit\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return {
    body: `${parts.join('')}--limit--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=limit' },
  }
}

type Datum = Record<string, string>
const ways = {
  JSON: (path: string, datum: Datum) => server.client.post(path, datum),
  'a form': (path: string, datum: Datum) => server.client.post(path, new URLSearchParams(datum)),
  'a multipart form': (path: string, datum: Datum) => server.client.request('POST', path, multipart(datum)),
}
const cases = kinds.flatMap((kind) => Object.entries(ways).map(([way, send]) => ({ ...kind, way, send })))

test.each(cases)('$path gives back exactly what came as $way', async ({ path, owner, way, send }) => {
  let count = 0
  // Bun's reader of multipart forms takes a byte order mark at the beginning of a value away.
  const sendable = (text: string) => (way === 'a multipart form' ? text.replace(/^\ufeff+/, '') : text)
  const exactly = fc.asyncProperty(anyName, anyText, async (name, text) => {
    const datum = { category: `${++count} ${name}`, key: sendable(name) || 'k', value: sendable(text) }
    expect(await send(path, datum)).toMatchObject({ status: 200 })
    expect(await server.stranger.get(`${path}${count}/`)).toEqual(
      answer(200, { id: count, ...owner, ...datum }),
    )
  })
  await fc.assert(exactly, { numRuns: 150, examples: [['k', '\ufeff']] })
})

test.each(kinds)(
  'a value of $path may have a million bytes, and key and category 255 characters',
  async ({ path, owner }) => {
    const name = '🥑'.repeat(255)
    const datum = { category: name, key: name, value: '🥑\n'.repeat(200_000) }
    expect((await server.client.post(path, datum)).status).toBe(200)
    expect(await server.stranger.get(`${path}1/`)).toEqual(answer(200, { id: 1, ...owner, ...datum }))
  },
)
