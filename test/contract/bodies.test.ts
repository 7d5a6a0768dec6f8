import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { withServer } from '../support/server'

const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

/** Sends text as it is. */
const send = (
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
  method = 'POST',
  path = '/jobs/',
) => server.client.request(method, path, { body, headers: { 'content-type': type } })

const job = (fields: object) => ({
  id: expect.any(String),
  number: 1,
  description: null,
  time: '2026-11-24T12:00:00Z',
  elapsed_time: 0,
  status: null,
  activities: [],
  tests: [],
  ...fields,
})
const LONE_HALF = '\ud800'
const AVOCADO = '🥑'

function multipart(...fields: [name: string, value: string][]) {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return form
}

test.each(['POST', 'PUT', 'PATCH'])('%s takes JSON and both kinds of form', async (method) => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const path = method === 'POST' ? '/jobs/a1/tests/' : '/jobs/a1/tests/1/'
  const bodies = [
    { tag: 'json', fail_reason: 'ü & + %' },
    new URLSearchParams({ tag: 'urlencoded', fail_reason: 'ü & + %' }),
    multipart(['tag', 'multipart'], ['fail_reason', 'ü & + %']),
  ]
  for (const [index, tag] of ['json', 'urlencoded', 'multipart'].entries()) {
    expect((await server.client.send(method, path, bodies[index])).status).toBe(200)
    const { body } = await server.client.get(`/jobs/a1/tests/${tag}/`)
    expect([body.tag, body.fail_reason]).toEqual([tag, 'ü & + %'])
  }
})

test.each(['application/json;charset=utf-8', 'Application/JSON', 'application/json ; x=y'])(
  '%s is JSON',
  async (type) => {
    expect(await send('{"id":"a1"}', type)).toEqual(answer(201, job({ id: 'a1' })))
  },
)

test.each(['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
  'an empty body is an empty object: %s',
  async (type) => {
    expect(await send('', type)).toEqual(answer(201, job({})))
  },
)

test('no body at all is an empty object', async () => {
  await server.makeJob({ id: 'a1' })
  expect(await server.client.patch('/jobs/a1/')).toEqual(answer(200, job({ id: 'a1' })))
  expect(await server.client.post('/jobs/a1/tests/')).toEqual(
    answer(400, { tag: ['This field is required.'] }),
  )
})

test('of a repeated key the last one counts', async () => {
  expect((await send('{"id":"json1","id":"json2"}')).body.id).toBe('json2')
  expect((await send('id=form1&id=form2', 'application/x-www-form-urlencoded')).body.id).toBe('form2')
  const reply = await server.client.post('/jobs/', multipart(['id', 'multi1'], ['id', 'multi2']))
  expect(reply.body.id).toBe('multi2')
})

test.each(['5.5', '0', '75.0', '1e2', '.5'])('the text %j is a number', async (text) => {
  const replies = [
    await server.client.post('/jobs/', { elapsed_time: text }),
    await server.client.post('/jobs/', { elapsed_time: Number(text) }),
    await server.client.post('/jobs/', new URLSearchParams({ elapsed_time: text })),
    await server.client.post('/jobs/', multipart(['elapsed_time', text])),
  ]
  expect(replies.map(({ body }) => body.elapsed_time)).toEqual(Array(4).fill(Number(text)))
})

test('75 and 75.0 are the same number', async () => {
  expect(await send('{"elapsed_time":75.0}')).toEqual(answer(201, job({ elapsed_time: 75 })))
})

test('lengths count code points', async () => {
  const description = AVOCADO.repeat(255)
  expect(await server.client.post('/jobs/', { description })).toEqual(answer(201, job({ description })))
  expect(await server.client.post('/jobs/', { description: `${description}x` })).toEqual(
    answer(400, { description: ['Ensure this field has no more than 255 characters.'] }),
  )
})

test.each([
  ' ',
  '  x\t',
  '\n',
  '\u00a0x\u3000',
  '\ufeffx',
  'e\u0301',
  '\u0001',
  '</script>',
  "'; DROP TABLE job",
])('the text %j is kept as it is, in JSON and forms', async (text) => {
  const kept = answer(201, job({ number: expect.any(Number), description: text }))
  expect(await server.client.post('/jobs/', { description: text })).toEqual(kept)
  expect(await server.client.post('/jobs/', new URLSearchParams({ description: text }))).toEqual(kept)
})

test('a NUL is refused, in JSON and forms', async () => {
  const refused = answer(400, { description: ['Null characters are not allowed.'] })
  expect(await server.client.post('/jobs/', { description: 'a\0b' })).toEqual(refused)
  expect(await server.client.post('/jobs/', new URLSearchParams({ description: '\0' }))).toEqual(refused)
  expect(await server.client.post('/jobs/', multipart(['description', '\0']))).toEqual(refused)
})

test('unknown fields are ignored, whatever is in them', async () => {
  const unknown = '"x":{"y":[1e400]},"number":7,"__proto__":{"status":"PASS"},"z":"\\u0000\\ud800"'
  expect(await send(`{"id":"a1",${unknown}}`)).toEqual(answer(201, job({ id: 'a1' })))
  expect(await server.client.patch('/jobs/a1/', { timeout: 'x', priority: null })).toEqual(
    answer(200, job({ id: 'a1' })),
  )
})

test('a file is no text', async () => {
  const form = new FormData()
  form.append('description', new File(['x'], 'x.txt'))
  const reply = await server.client.post('/jobs/', form)
  expect(reply).toEqual(answer(400, { description: ['Not a valid string.'] }))
})

test('a deep value is refused like any other', async () => {
  const deep = '['.repeat(99) + ']'.repeat(99)
  expect(await send(`{"description":${deep}}`)).toEqual(answer(400, { description: ['Not a valid string.'] }))
})

test('no body, whatever is in it, makes the server fail', async () => {
  await server.makeJob({ id: 'a1', tests: [{ tag: 't' }] })
  const names = [
    'id',
    'description',
    'time',
    'elapsed_time',
    'status',
    'tests',
    'tag',
    'activity',
    'key',
    'test',
  ]
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('PASS', '2013-05-02T05:00:01Z', LONE_HALF, '\0', -0, 1e308, 2 ** 53),
    fc.array(fc.dictionary(fc.constantFrom('tag', 'activity', 'time', 'data', 'key'), fc.jsonValue())),
  )
  const object = fc.dictionary(fc.constantFrom(...names), value).map((fields) => JSON.stringify(fields))
  const text = fc.oneof(object, fc.json(), fc.string({ unit: 'binary' }))
  const type = fc.constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
  )
  const target = fc.constantFrom(
    'POST /jobs/',
    'PUT /jobs/a1/',
    'POST /jobs/a1/tests/',
    'PUT /jobs/a1/tests/1/',
    'POST /jobs/a1/activities/',
    'POST /jobs/a1/test_activity/',
    'POST /jobs/a1/data/',
    'POST /linuxdistros/',
  )
  await fc.assert(
    fc.asyncProperty(text, type, target, async (body, type, target) => {
      const [method, path] = target.split(' ')
      expect((await send(body.toWellFormed(), type, method, path)).status).toBeLessThan(500)
    }),
    { numRuns: 500 },
  )
})
