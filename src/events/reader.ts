// One reader of the stream, on a connection that may be slower than what happens.

/** What may wait for one reader, in bytes, besides the few megabytes that the system takes for every connection. */
const MAX_WAITING_BYTES = 256 * 1024

export class Reader {
  private waitingBytes = 0

  /** @param mayRead  whether who opened the stream still has the right to: a stream outlives a session. */
  constructor(
    private readonly controller: ReadableStreamDirectController,
    readonly mayRead: () => boolean,
  ) {}

  /** Never waits. @returns false when too much waits already: the connection is closed then, and the reader gone. */
  send(bytes: Uint8Array): boolean {
    const written = this.controller.write(bytes)
    this.controller.flush()
    // A promise says that the socket is full: Bun keeps the bytes, however many, until all of them have left and it
    // fulfils the promise. So what a reader takes meanwhile is still counted.
    if (typeof written === 'number') return true
    this.waitingBytes += bytes.length
    if (this.waitingBytes > MAX_WAITING_BYTES) {
      this.controller.close(new Error('the reader is too slow'))
      return false
    }
    written.then(() => {
      this.waitingBytes = 0
    })
    return true
  }

  close(): void {
    this.controller.close()
  }
}
