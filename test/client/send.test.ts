// How the commands that send behave to a server that says when to come again.

import { expect, test } from 'bun:test'
import { NotSent, post, readDestination } from '../../src/client/send'

/** A server that gives these answers, one after the other. */
function answering(...answers: Response[]) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => answers.shift() ?? new Response('none left'),
  })
}

const wait = (status: number, seconds: number) =>
  Response.json({ detail: 'Wait.' }, { status, headers: { 'retry-after': String(seconds) } })

async function send(server: { url: URL }, patienceMs: number) {
  const pauses: [reason: string, seconds: number][] = []
  const destination = readDestination(server.url.href, undefined)
  const options = { patienceMs, onPause: (...pause: (typeof pauses)[number]) => pauses.push(pause) }
  const outcome = await post(destination, 'imports/', () => '{}', options).then(
    ({ status }) => status,
    (error) => {
      if (error instanceof NotSent) return error.message
      throw error
    },
  )
  return { outcome, pauses }
}

test.each([429, 503])('after %d it waits as long as it is told, and sends it again', async (status) => {
  await using server = answering(wait(status, 2), Response.json({}))
  expect(await send(server, 10_000)).toEqual({ outcome: 200, pauses: [[`${status}: Wait.`, 2]] })
})

test('what would take longer than its patience is told at once', async () => {
  await using server = answering(wait(429, 60))
  const { origin } = server.url
  expect(await send(server, 10_000)).toEqual({ outcome: `${origin} is away (429: Wait.).`, pauses: [] })
})

test('what is wrong is told at once', async () => {
  await using server = answering(Response.json({ detail: 'Wrong.' }, { status: 401 }))
  expect(await send(server, 10_000)).toEqual({
    outcome: `${server.url.origin} refused it (401): Wrong.`,
    pauses: [],
  })
})
