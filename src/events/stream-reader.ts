// One reader of the stream. Its connection may be slower than the events.

/** How many bytes may wait for one reader, besides the few megabytes that the system buffers for a connection. */
const MAX_WAITING_BYTES = 256 * 1024

export class EventStreamReader {
  private waitingBytes = 0

  /** @param mayRead  whether the user may still read: a stream can outlive a session. */
  constructor(
    private readonly controller: ReadableStreamDirectController,
    readonly mayRead: () => Promise<boolean>,
  ) {}

  /** Sends without waiting. @returns false when too many bytes wait; then it has closed the connection */
  send(bytes: Uint8Array): boolean {
    const written = this.controller.write(bytes)
    this.controller.flush()
    // A promise means that the socket is full. Bun keeps the bytes and fulfils the promise when all of them are sent,
    // so bytes that were sent meanwhile still count.
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
