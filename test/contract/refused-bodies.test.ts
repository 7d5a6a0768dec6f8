// Bodies that are refused, each with its sentence, and change nothing.

import { beforeAll, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

/** Sends text as it is. */
const send = (
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
  method = 'POST',
  path = '/jobs/',
) => server.client.request(method, path, { body, headers: { 'content-type': type } })

const LONE_HALF = '\ud800'

beforeAll(() => server.makeJob({ id: 'a1' }))

test.each(['text/plain', 'application/xml', 'application/jsonx', 'nonsense'])(
  'the media type %s is refused by POST, PUT and PATCH',
  async (type) => {
    const refused = answer(415, { detail: `Unsupported media type "${type}" in request.` })
    expect(await send('{}', type)).toEqual(refused)
    expect(await send('{}', type, 'PUT', '/jobs/a1/')).toEqual(refused)
    expect(await send('{}', type, 'PATCH', '/jobs/a1/')).toEqual(refused)
  },
)

test('a body without a media type is refused', async () => {
  const reply = await server.client.request('POST', '/jobs/', { body: new TextEncoder().encode('{}') })
  expect(reply).toEqual(answer(415, { detail: 'Unsupported media type "" in request.' }))
})

test.each(['{', '{"id":}', '{"id":"a"', "{'id':'a'}", '{} {}', 'nonsense', '"', ' ', '{"elapsed_time":NaN}'])(
  'broken JSON is refused: %s',
  async (body) => {
    expect(await send(body)).toEqual(answer(400, { detail: expect.stringMatching(/^JSON parse error - ./) }))
  },
)

test('JSON that is not UTF-8 is refused', async () => {
  const reply = await send(Uint8Array.of(0x22, 0xff, 0x22))
  expect(reply).toEqual(answer(400, { detail: expect.stringMatching(/^JSON parse error - ./) }))
})

test.each([
  ['[]', 'list'],
  ['[{"id":"a"}]', 'list'],
  ['"id"', 'str'],
  ['1', 'int'],
  ['1.5', 'float'],
  ['true', 'bool'],
  ['null', 'NoneType'],
])('JSON that is not an object is refused: %s', async (body, type) => {
  const refused = answer(400, {
    non_field_errors: [`Invalid data. Expected a dictionary, but got ${type}.`],
  })
  expect(await send(body)).toEqual(refused)
  expect(await send(body, 'application/json', 'POST', '/jobs/a1/tests/')).toEqual(refused)
  expect(await send(body, 'application/json', 'PATCH', '/jobs/a1/')).toEqual(refused)
})

test.each(['NaN', 'Infinity', '-Infinity', '1e400', '-1e400', '[1e400]', '"NaN"', '"Infinity"', '"1e400"'])(
  'the number %s is refused',
  async (number) => {
    expect((await send(`{"elapsed_time":${number}}`)).status).toBe(400)
  },
)

test.each(['NaN', 'Infinity', '-Infinity', '1e400', 'inf', '0x10', '1_000', '', ' ', '5,5', '１'])(
  'the text %j is no number',
  async (text) => {
    const refused = answer(400, { elapsed_time: ['A valid number is required.'] })
    expect(await server.client.post('/jobs/', { elapsed_time: text })).toEqual(refused)
    expect(await server.client.post('/jobs/', new URLSearchParams({ elapsed_time: text }))).toEqual(refused)
  },
)

test.each([LONE_HALF, `a${LONE_HALF}b`, '\udc00', '\udc00\ud800'])(
  'half of a surrogate pair is refused: %j',
  async (text) => {
    const reply = await server.client.post('/jobs/', { description: text })
    expect(reply).toEqual(answer(400, { description: ['Not a valid string.'] }))
  },
)

test.each(['multipart/form-data', 'multipart/form-data; boundary=x', 'multipart/form-data; boundary='])(
  'a broken multipart form is refused: %s',
  async (type) => {
    expect(await send('nonsense', type)).toEqual(answer(400, { detail: expect.any(String) }))
  },
)
