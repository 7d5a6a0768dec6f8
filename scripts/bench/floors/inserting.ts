// What no server that writes in a thread of its own can do with less: a body parsed, handed to the thread, and answered
// when its one INSERT is on disk; those that wait share a commit. No users, no validation, no counters.
// Argument: a database with the server's tables and a job 1.

const writer = new Worker(new URL('./inserting-writer.ts', import.meta.url).href, {
  argv: process.argv.slice(2),
})
const waiting: ((response: Response) => void)[] = []
let next: string[] = []
let isBusy = false

writer.onmessage = ({ data }: MessageEvent<number>) => {
  isBusy = false
  for (const answer of waiting.splice(0, data)) answer(Response.json({ id: 1 }))
  send()
}

function send(): void {
  if (isBusy || next.length === 0) return
  isBusy = true
  writer.postMessage(next)
  next = []
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  development: false,
  async fetch(request) {
    const { tag } = (await request.json()) as { tag: string }
    const { promise, resolve } = Promise.withResolvers<Response>()
    waiting.push(resolve)
    next.push(tag)
    // What is read from the sockets in one go is sent in one message.
    setImmediate(send)
    return promise
  },
})
console.log(`Listening on http://127.0.0.1:${server.port}/`)

export {} // a module
