// The protocol between the main thread and a worker: start, messages, and the end. The writer, the reader and the
// parsers add only their own messages.

declare const self: Worker

/** The main thread asks the worker to finish and to close what it has open. */
interface Close {
  close: true
}

/** The worker has finished. `reason`: why it ended unasked. */
interface Closed {
  closed: true
  reason?: string
}

const NO_TRANSFER: ArrayBuffer[] = []

/** A worker, as the main thread sees it. `In`: the messages to it; `Out`: those from it. */
export class WorkerThread<In, Out> {
  private readonly worker: Worker
  private readonly closed = Promise.withResolvers<void>()
  private isOver = false

  /**
   * Starts the worker.
   *
   * @param entry  the file that it runs, which calls runWorker().
   * @param on.lost  called when the worker ends unasked. Its unfinished work is lost.
   */
  constructor(
    entry: URL,
    name: string,
    private readonly on: { message(message: Out): void; lost(reason: Error): void },
  ) {
    this.worker = new Worker(entry, { name })
    let failure = new Error(`the ${name}'s thread ended without a word`)
    this.worker.addEventListener('message', ({ data }: MessageEvent<Out | Closed>) => {
      if (this.isOver) return
      if (isClosed(data)) this.end(data.reason === undefined ? undefined : new Error(data.reason))
      else on.message(data)
    })
    this.worker.addEventListener('error', ({ message }) => {
      failure = uncaughtError(message)
    })
    this.worker.addEventListener('close', () => this.end(failure))
  }

  /** @param transfer  memory that moves to the worker instead of being copied. */
  send(message: In, handedOver = NO_TRANSFER): void {
    if (!this.isOver) this.worker.postMessage(message, handedOver)
  }

  /** Lets the worker finish. Resolves when it has. */
  close(): Promise<void> {
    if (!this.isOver) this.worker.postMessage({ close: true } satisfies Close)
    return this.closed.promise
  }

  /** Ends the worker at once, without finishing its work. */
  terminate(): void {
    this.end(undefined)
  }

  private end(reason: Error | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.worker.terminate()
    this.closed.resolve()
    if (reason) this.on.lost(reason)
  }
}

/** The main thread, as a worker sees it. */
export interface MainThread<Out> {
  send(message: Out, handedOver?: ArrayBuffer[]): void
  /** Tells the main thread that this worker ends by itself. */
  end(reason: Error): void
}

/**
 * Handles messages from now on. The file that a worker runs calls it once.
 *
 * @param on.close  finishes the work and closes what is open.
 */
export function runWorker<In, Out>(on: {
  message(message: In): void
  close(): void | Promise<void>
}): MainThread<Out> {
  const close = async () => {
    await on.close()
    self.postMessage({ closed: true } satisfies Closed)
  }
  self.onmessage = ({ data }: MessageEvent<In | Close>) => {
    if (isClose(data)) void close()
    else on.message(data)
  }
  return {
    send: (message, handedOver = NO_TRANSFER) => self.postMessage(message, handedOver),
    end: ({ message }) => self.postMessage({ closed: true, reason: message } satisfies Closed),
  }
}

function isClose(message: unknown): message is Close {
  return typeof message === 'object' && message !== null && 'close' in message
}

function isClosed(message: unknown): message is Closed {
  return typeof message === 'object' && message !== null && 'closed' in message
}

/** The uncaught error that ended a worker. Bun reports it as on a terminal, with lines of the source around it. */
function uncaughtError(message: string): Error {
  return new Error(/^\w*error: .*$/im.exec(message)?.[0] ?? message)
}
