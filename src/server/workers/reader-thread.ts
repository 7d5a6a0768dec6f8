// Runs long queries in a worker: bun:sqlite blocks its thread, and no other request should wait while a query looks at
// many rows.

import { FairQueue } from '../../lib/fair-queue'
import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import { QueryCancelled, QueryTooLong, ReaderClosed } from '../../storage/errors'
import type { NamedQuery } from '../../storage/named-operations'
import type { ReaderWorker, StartReader } from '../../storage/sqlite/reader'
import { WorkerThread } from './protocol'

/** First the database, and a shared flag that is 1 once the current query is cancelled. Then the queries. */
export type ToReader =
  | { path: string; cancelled: Int32Array }
  | { name: string; argument: unknown; timeoutMs: number }

export type FromReader = { value: unknown } | { error: PlainError }

/** @param entry  the file that the worker runs. */
export function readerThread(entry = new URL('./reader-entry.ts', import.meta.url)): StartReader {
  return (path, isWalLong) => new ReaderThread(entry, path, isWalLong)
}

interface QueuedQuery extends PromiseWithResolvers<unknown> {
  name: string
  argument: unknown
  /** By performance.now(). */
  since: number
  timeoutMs: number
  signal: AbortSignal | undefined
  from: string
  /** No query of its own network is before it: it waits for other networks only. */
  isFirst: boolean
}

/** The longest delay of a query while the WAL is long, and how often that is checked, in milliseconds. */
const MAX_PAUSE_MS = 250
const CHECK_EVERY_MS = 5

/** Runs one query at a time, so that a query that is cancelled while it waits never begins. */
class ReaderThread implements ReaderWorker {
  private thread: WorkerThread<ToReader, FromReader> | undefined
  /** By network. */
  private readonly queue = new FairQueue<QueuedQuery>()
  private current: QueuedQuery | undefined
  private pause: NodeJS.Timeout | undefined
  private readonly cancelled = new Int32Array(new SharedArrayBuffer(4))

  constructor(
    private readonly entry: URL,
    private readonly path: string,
    private readonly isWalLong: () => boolean,
  ) {
    this.thread = this.start()
  }

  read<A, R>(
    { name }: NamedQuery<A, R>,
    argument: A,
    timeoutMs: number,
    signal?: AbortSignal,
    from = '',
  ): Promise<R> {
    const since = performance.now()
    const isFirst =
      this.queue.itemsOf(from).length === 0 && this.current !== undefined && this.current.from !== from
    const asked = { name, argument, since, timeoutMs, signal, from, isFirst }
    const waiting = { ...asked, ...Promise.withResolvers<unknown>() }
    signal?.addEventListener('abort', () => {
      if (this.current === waiting) Atomics.store(this.cancelled, 0, 1)
    })
    this.queue.add(from, waiting)
    this.next()
    return waiting.promise as Promise<R>
  }

  async close(): Promise<void> {
    for (const { reject } of this.queue.clear()) reject(new ReaderClosed())
    clearTimeout(this.pause)
    Atomics.store(this.cancelled, 0, 1)
    await this.thread?.close()
  }

  private next(): void {
    if (this.current || this.pause || this.queue.isEmpty) return
    if (this.isWalLong()) this.delay(performance.now() + MAX_PAUSE_MS)
    else this.runNext()
  }

  /** Delays the next query until the WAL has been reset, but not for long: without writes nothing resets it. */
  private delay(end: number): void {
    this.pause = setTimeout(() => {
      this.pause = undefined
      if (this.isWalLong() && performance.now() < end) this.delay(end)
      else this.runNext()
    }, CHECK_EVERY_MS)
  }

  private runNext(): void {
    while (!this.current) {
      const next = this.queue.take()
      if (!next) return
      const waitedMs = performance.now() - next.since
      // Time behind one long query of another network does not count.
      const ownMs = next.isFirst ? Math.max(0, waitedMs - next.timeoutMs) : waitedMs
      const timeoutMs = next.timeoutMs - ownMs
      if (next.signal?.aborted) next.reject(new QueryCancelled())
      // With little time left the query would time out in vain, and so would each one behind it.
      else if (timeoutMs < next.timeoutMs / 2) next.reject(new QueryTooLong())
      else {
        this.current = next
        Atomics.store(this.cancelled, 0, 0)
        this.thread ??= this.start()
        this.thread.send({ name: next.name, argument: next.argument, timeoutMs })
      }
    }
  }

  private start(): WorkerThread<ToReader, FromReader> {
    const thread = new WorkerThread<ToReader, FromReader>(this.entry, 'reader', {
      message: (reply) => this.settle('value' in reply ? reply : { error: fromPlainError(reply.error) }),
      lost: (error) => {
        this.thread = undefined
        this.settle({ error })
      },
    })
    const { path, cancelled } = this
    thread.send({ path, cancelled })
    return thread
  }

  private settle(outcome: { value: unknown } | { error: Error }): void {
    const { current } = this
    this.current = undefined
    if ('value' in outcome) current?.resolve(outcome.value)
    else if (outcome.error instanceof QueryCancelled && !current?.signal?.aborted)
      current?.reject(new ReaderClosed())
    else current?.reject(outcome.error)
    this.next()
  }
}
