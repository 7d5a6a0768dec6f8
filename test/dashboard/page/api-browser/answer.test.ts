// Answers of any kind and size, as the API browser shows them.

import { expect, test } from 'bun:test'
import { type Answer, readBody, writingMethods } from '../../../../src/dashboard/page/api-browser/answer'

const respond = (body: BodyInit | null, type: string) =>
  new Response(body, { headers: type === '' ? {} : { 'content-type': type } })

test('JSON is parsed, text and HTML stay text, anything else is not read', async () => {
  expect(await readBody(respond('{"a": 1}', 'application/json'))).toEqual({ kind: 'json', value: { a: 1 } })
  const html = '<script>alert(1)</script>'
  expect(await readBody(respond(html, 'text/html; charset=utf-8'))).toEqual({
    kind: 'text',
    text: html,
    isWhole: true,
  })
  const image = respond(new Uint8Array([1, 2]), 'image/png')
  expect(await readBody(image)).toEqual({ kind: 'binary' })
  expect(image.bodyUsed).toBe(true)
  expect(await readBody(new Response(null, { status: 204 }))).toEqual({ kind: 'none' })
  expect(await readBody(respond('', 'application/json'))).toEqual({ kind: 'none' })
})

test('a file that only says that it is JSON is text', async () => {
  expect(await readBody(respond('{broken', 'application/json'))).toEqual({
    kind: 'text',
    text: '{broken',
    isWhole: true,
  })
})

test('of a long text the beginning is read, and no more', async () => {
  let sent = 0
  const chunk = new Uint8Array(64 * 1024).fill(97)
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++
      controller.enqueue(chunk)
    },
  })
  expect(await readBody(respond(endless, 'text/plain'))).toEqual({
    kind: 'text',
    text: 'a'.repeat(256 * 1024),
    isWhole: false,
  })
  expect(sent).toBeLessThan(10)
})

test('a stream of events is shown as far as it came in a moment', async () => {
  const events = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('event: hello\n\n')),
  })
  expect(await readBody(respond(events, 'text/event-stream'))).toEqual({
    kind: 'text',
    text: 'event: hello\n\n',
    isWhole: false,
  })
})

test('the forms follow what OPTIONS allows', () => {
  const options = (status: number, allow: string) => ({ status, headers: new Headers({ allow }) }) as Answer
  expect(writingMethods(options(200, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'))).toEqual([
    'PUT',
    'PATCH',
    'DELETE',
  ])
  expect(writingMethods(options(200, 'GET, HEAD, OPTIONS'))).toEqual([])
  expect(writingMethods(options(404, 'POST'))).toEqual([])
})
