// The reader of what takes long in a thread of its own: bun:sqlite is synchronous, and while it looks at many rows nobody
// else should wait.

import { FairQueue } from '../../lib/fair-queue'
import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import { QueryCancelled, QueryTooLong, ReaderClosed } from '../../storage/errors'
import type { Read } from '../../storage/reads'
import type { ReaderWorker, StartReader } from '../../storage/sqlite/reader'
import { breakdownOf } from './protocol'

/** What the thread is told: first the database and where it sees whether the current read is wanted (1) or not (0). */
export type ToReader =
  | { path: string; wanted: Int32Array }
  | { name: string; argument: unknown; timeoutMs: number }
  | { close: true }

export type FromReader = { value: unknown } | { error: PlainError } | { closed: true }

/** @param entry  what the thread runs. */
export function readerThread(entry = new URL('./reader.ts', import.meta.url)): StartReader {
  return (path, isInTheWay) => new ReaderThread(entry, path, isInTheWay)
}

interface Waiting extends PromiseWithResolvers<unknown> {
  name: string
  argument: unknown
  /** By performance.now(). */
  since: number
  timeoutMs: number
  signal: AbortSignal | undefined
  from: string
  /** What others have asked keeps it waiting, and nothing that was asked from where it comes. */
  isFirst: boolean
}

/** How long it makes way at most, and how often it looks meanwhile, in milliseconds. */
const MAX_PAUSE_MS = 250
const LOOK_EVERY_MS = 5

/** One read at a time, so that what is not wanted any more need not begin. */
class ReaderThread implements ReaderWorker {
  private worker: Worker | undefined
  /** By where they come from. */
  private readonly waiting = new FairQueue<Waiting>()
  private current: Waiting | undefined
  private pause: NodeJS.Timeout | undefined
  private readonly wanted = new Int32Array(new SharedArrayBuffer(4))
  private ended = Promise.resolve()

  constructor(
    private readonly entry: URL,
    private readonly path: string,
    private readonly isInTheWay: () => boolean,
  ) {
    this.worker = this.start()
  }

  read<A, R>(
    { name }: Read<A, R>,
    argument: A,
    timeoutMs: number,
    signal?: AbortSignal,
    from = '',
  ): Promise<R> {
    const since = performance.now()
    const isFirst =
      this.waiting.of(from).length === 0 && this.current !== undefined && this.current.from !== from
    const asked = { name, argument, since, timeoutMs, signal, from, isFirst }
    const waiting = { ...asked, ...Promise.withResolvers<unknown>() }
    signal?.addEventListener('abort', () => {
      if (this.current === waiting) Atomics.store(this.wanted, 0, 0)
    })
    this.waiting.add(from, waiting)
    this.next()
    return waiting.promise as Promise<R>
  }

  async close(): Promise<void> {
    for (const { reject } of this.waiting.clear()) reject(new ReaderClosed())
    clearTimeout(this.pause)
    Atomics.store(this.wanted, 0, 0)
    if (!this.worker) return
    this.tell({ close: true })
    await this.ended
  }

  private next(): void {
    if (this.current || this.pause || this.waiting.isEmpty) return
    if (this.isInTheWay()) this.makeWay(performance.now() + MAX_PAUSE_MS)
    else this.take()
  }

  /** Waits until it is in nobody's way; not for long, for where nobody writes, nobody needs the way. */
  private makeWay(end: number): void {
    this.pause = setTimeout(() => {
      this.pause = undefined
      if (this.isInTheWay() && performance.now() < end) this.makeWay(end)
      else this.take()
    }, LOOK_EVERY_MS)
  }

  private take(): void {
    while (!this.current) {
      const next = this.waiting.take()
      if (!next) return
      const waitedMs = performance.now() - next.since
      // The first from somewhere loses nothing by one long read of others.
      const ownMs = next.isFirst ? Math.max(0, waitedMs - next.timeoutMs) : waitedMs
      const timeoutMs = next.timeoutMs - ownMs
      if (next.signal?.aborted) next.reject(new QueryCancelled())
      // Begun with little time left, each would be given up for nothing, and so would all that come behind it.
      else if (timeoutMs < next.timeoutMs / 2) next.reject(new QueryTooLong())
      else {
        this.current = next
        Atomics.store(this.wanted, 0, 1)
        this.worker ??= this.start()
        this.tell({ name: next.name, argument: next.argument, timeoutMs })
      }
    }
  }

  private start(): Worker {
    const worker = new Worker(this.entry, { name: 'reader' })
    const ended = Promise.withResolvers<void>()
    this.ended = ended.promise
    let failure = new Error("the reader's thread ended without a word")
    worker.addEventListener('message', ({ data }: MessageEvent<FromReader>) => {
      if ('closed' in data) worker.terminate()
      else this.settle('value' in data ? data : { error: fromPlainError(data.error) })
    })
    worker.addEventListener('error', ({ message }) => {
      failure = breakdownOf(message)
    })
    worker.addEventListener('close', () => {
      this.worker = undefined
      ended.resolve()
      this.settle({ error: failure })
    })
    const { path, wanted } = this
    worker.postMessage({ path, wanted } satisfies ToReader)
    return worker
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

  private tell(message: ToReader): void {
    this.worker?.postMessage(message)
  }
}
