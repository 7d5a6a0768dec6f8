// A request over a socket, whose body a test sends piece by piece.

import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  head: string
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  body: any
}

export class RawRequest {
  private received = ''
  private ended = false
  private readonly settled = Promise.withResolvers<RawAnswer | undefined>()
  /** Whether the answer has come. */
  isAnswered = false

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => {
      this.received += data
      this.look()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.settled.resolve(undefined)
    })
  }

  static async open(origin: string): Promise<RawRequest> {
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    const request = new RawRequest(socket)
    await new Promise((resolve) => socket.once('connect', resolve))
    return request
  }

  /** Sends the head of a request. */
  static async begin(
    origin: string,
    method: string,
    path: string,
    headers: Record<string, string>,
  ): Promise<RawRequest> {
    const request = await RawRequest.open(origin)
    const lines = Object.entries({ host: new URL(origin).host, ...headers }).map((pair) => pair.join(': '))
    request.send([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
    return request
  }

  send(text: string | Uint8Array): void {
    if (!this.ended) this.socket.write(text)
  }

  /** The same, until the system has taken all of it. */
  flush(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(text, () => resolve()))
  }

  /** One chunk of a body of unknown length. */
  sendChunk(text: string): void {
    this.send(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
  }

  /** The first answer; undefined: the connection was closed without one. */
  answer(): Promise<RawAnswer | undefined> {
    return this.settled.promise
  }

  /** All that has come so far. */
  get text(): string {
    return this.received
  }

  close(): void {
    this.socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private look(): void {
    const end = this.received.indexOf('\r\n\r\n')
    if (end < 0 || this.isAnswered) return
    const head = this.received.slice(0, end)
    const body = this.received.slice(end + 4)
    if (Buffer.byteLength(body) < Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)) return
    this.isAnswered = true
    const isJson = /^content-type: application\/json/im.test(head)
    const status = Number(head.split(' ')[1])
    this.settled.resolve({ status, head, body: isJson && body !== '' ? JSON.parse(body) : body })
  }
}
