// What no server that writes in a thread of its own can do with less: who sends it is compared, the body parsed and handed
// to the thread, and answered with the headers that answers have when its row is on disk, with the numbers that are kept
// of its job, of the quarter of an hour, and of the commit; those that wait share one. No router, no validation, no roles,
// no log.
// Argument: a database with the server's tables and jobs 1 to JOBS.

import { answerHeaders } from './headers'

interface Waiting {
  job: number
  answer(response: Response): void
}

const key = crypto.getRandomValues(new Uint8Array(32))
const hashOf = (text: string) => new Bun.CryptoHasher('sha256', key).update(text).digest('base64')
let known: string | undefined
const base = answerHeaders()

const writer = new Worker(new URL('./inserting-writer.ts', import.meta.url).href, {
  argv: process.argv.slice(2),
})
let underWay: Waiting[] = []
let waiting: Waiting[] = []
let next: object[] = []

writer.onmessage = ({ data }: MessageEvent<string>) => {
  const ids = JSON.parse(data) as number[]
  const answered = underWay
  underWay = []
  send()
  for (const [index, { job, answer }] of answered.entries()) {
    const headers = new Headers(base)
    headers.set('location', `http://localhost/jobs/${job}/tests/${ids[index]}/`)
    answer(new Response('{"status":"test added"}', { headers }))
  }
}

function send(): void {
  if (underWay.length > 0 || next.length === 0) return
  writer.postMessage(JSON.stringify(next))
  underWay = waiting
  waiting = []
  next = []
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  development: false,
  async fetch(request) {
    const credentials = hashOf(atob(request.headers.get('authorization')?.slice(6) ?? ''))
    known ??= credentials // the first one is right
    if (credentials !== known) return new Response(null, { status: 401 })
    const job = Number(request.url.split('/')[4])
    const { tag, status } = (await request.json()) as { tag: string; status: string }
    const { promise, resolve } = Promise.withResolvers<Response>()
    waiting.push({ job, answer: resolve })
    next.push({ job, tag, status })
    // What is read from the sockets in one go is sent in one message.
    setImmediate(send)
    return promise
  },
})
console.log(`Listening on http://127.0.0.1:${server.port}/`)
