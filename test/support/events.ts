// A reader of GET /events/, over a real socket.

import type { TestServer } from './server'

export interface Received {
  id: number
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  data: any
}

/** An open stream. `using` closes it at the end. */
export class EventStream {
  private rest = ''
  private readonly decoder = new TextDecoder()

  private constructor(
    readonly response: Response,
    private readonly reader: { read(): Promise<{ value?: Uint8Array | undefined; done: boolean }> },
    private readonly abort: AbortController,
  ) {}

  /** Connects, and reads no more than the head of the answer. */
  static async connect(origin: string, { headers = {}, query = '' } = {}): Promise<EventStream> {
    const abort = new AbortController()
    const response = await fetch(`${origin}/events/${query}`, { headers, signal: abort.signal })
    if (!response.body) throw new Error('no body')
    return new EventStream(response, response.body.getReader(), abort)
  }

  /** A new reader that has been greeted. */
  static async open(server: TestServer): Promise<EventStream> {
    const stream = await EventStream.connect(server.origin)
    await stream.next()
    return stream
  }

  /** The next block as it came: an event, a comment or `retry`. Undefined when the stream has ended. */
  async nextBlock(): Promise<string | undefined> {
    for (;;) {
      const end = this.rest.indexOf('\n\n')
      if (end >= 0) {
        const block = this.rest.slice(0, end)
        this.rest = this.rest.slice(end + 2)
        return block
      }
      const { value, done } = await this.reader.read()
      if (done) return undefined
      this.rest += this.decoder.decode(value, { stream: true })
    }
  }

  /** The next event. @throws when the stream ends before. */
  async next(): Promise<Received> {
    for (;;) {
      const block = await this.nextBlock()
      if (block === undefined) throw new Error('the stream has ended')
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2)))
      if (fields.event === undefined) continue
      const { id, event, data } = fields
      return { id: Number(id), event, data: JSON.parse(data) }
    }
  }

  /** All events up to the first that `isLast` is true for, that one included. */
  async until(isLast: (received: Received) => boolean): Promise<Received[]> {
    const all: Received[] = []
    for (;;) {
      const received = await this.next()
      all.push(received)
      if (isLast(received)) return all
    }
  }

  close(): void {
    this.abort.abort()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Waits until something holds. */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never: ${holds}`)
    await Bun.sleep(5)
  }
}
