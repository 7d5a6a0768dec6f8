// A request that is sent behind a POST before that is answered (HTTP pipelining): Bun closes the connection, and the
// answer is lost. That is Bun's doing, as the smallest of its servers shows; what was posted is stored, and who sends it
// again is told so.

import { expect, test } from 'bun:test'
import { RawRequest } from '../support/raw-request'
import { withServer } from '../support/server'

const server = withServer()

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: lab:80\r\n\r\n`
const post = (path: string, body: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\nHost: lab:80\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

/** The statuses of all answers that come before the connection is closed, or for as long as it is quiet. */
async function statusesOf(origin: string, text: string): Promise<number[]> {
  using request = await RawRequest.open(origin)
  request.send(text)
  let before = -1
  while (request.text.length !== before) {
    before = request.text.length
    await Bun.sleep(200)
  }
  return [...request.text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))
}

test('the smallest server of Bun loses an answer that is not ready when the next request comes', async () => {
  using small = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      await request.text()
      await Bun.sleep(20) // as a commit takes
      return new Response('done')
    },
  })
  const origin = `http://127.0.0.1:${small.port}`
  expect(await statusesOf(origin, post('/', '{}'))).toEqual([200])
  expect(await statusesOf(origin, post('/', '{}') + get('/'))).toEqual([])
})

test('what was posted with a request behind it is stored, and acknowledged when it is sent again', async () => {
  const { id } = await server.makeJob()
  const headers = `Authorization: ${server.authorization}\r\n`
  const adding = post(`/jobs/${id}/tests/`, '{"tag": "a"}', headers)
  expect(await statusesOf(server.origin, adding + get('/version/'))).toEqual([])
  const tags = async () =>
    (await server.stranger.get(`/jobs/${id}/tests/`)).body.results.map(({ tag }: { tag: string }) => tag)
  const deadline = Date.now() + 5000
  while ((await tags()).length === 0 && Date.now() < deadline) await Bun.sleep(20)
  expect(await tags()).toEqual(['a'])
  expect(await statusesOf(server.origin, adding)).toEqual([200])
  expect(await tags()).toEqual(['a'])
})
