// Documents are read in threads of their own, two at a time; of those that wait, each network has one in its turn.

import {
  bytesOf,
  type Documents,
  type ReadingDocuments,
  type ReadReport,
  readDocuments,
  sizeOf,
} from '../../ingest/read-apart'
import { memoryOf, type ReportPiece, takePiece } from '../../ingest/report-pieces'
import { runCooperatively } from '../../lib/cooperative'
import { BadRequest, Busy } from '../../lib/errors'
import { FairQueue } from '../../lib/fair-queue'
import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import { breakdownOf } from './protocol'

/** What is to be read, and then, for each piece that has been taken, that there may be another. */
export type ToParser = Documents | 'next'

export type FromParser = ReportPiece | { done: true } | { error: PlainError }

const THREADS = 2
/** Smaller ones are read at once: it takes less than another thread would. */
const SMALL_BYTES = 64 * 1024
/** Of all that wait, and half of it of one network. */
const MAX_WAITING = 64
const MAX_WAITING_BYTES = 512 * 1024 ** 2
/** Nothing that is within the other bounds takes so long. */
const MAX_MS = 120_000

interface Waiting extends PromiseWithResolvers<ReadReport[]> {
  documents: Documents
  bytes: number
}

/** @param entry  what the threads run. */
export function parserThreads(
  entry = new URL('./parser.ts', import.meta.url),
  { maxMs = MAX_MS } = {},
): ReadingDocuments {
  return new Parsers(entry, maxMs)
}

class Parsers implements ReadingDocuments {
  private readonly free: Parser[]
  private readonly all: Parser[]
  /** By network. */
  private readonly waiting = new FairQueue<Waiting>()

  constructor(entry: URL, maxMs: number) {
    this.all = Array.from({ length: THREADS }, () => new Parser(entry, maxMs))
    this.free = [...this.all]
  }

  async read(documents: Documents, network: string): Promise<ReadReport[]> {
    const bytes = sizeOf(documents)
    if (bytes <= SMALL_BYTES) return runCooperatively(readDocuments(documents))
    this.requirePlace(network, bytes)
    const waiting = { documents, bytes, ...Promise.withResolvers<ReadReport[]>() }
    this.waiting.add(network, waiting)
    this.next()
    return waiting.promise
  }

  close(): void {
    for (const { reject } of this.waiting.clear()) reject(serverEnds())
    for (const parser of this.all) parser.close()
  }

  private requirePlace(network: string, bytes: number): void {
    const isFull = (waiting: readonly Waiting[], part: number) =>
      waiting.length >= MAX_WAITING / part ||
      waiting.reduce((sum, one) => sum + one.bytes, bytes) > MAX_WAITING_BYTES / part
    if (isFull(this.waiting.all(), 1) || isFull(this.waiting.of(network), 2))
      throw new Busy('Too many documents wait to be read: try again in 5 seconds.', 5)
  }

  private next(): void {
    const parser = this.free.at(-1)
    const next = parser && this.waiting.take()
    if (!next) return
    this.free.pop()
    parser
      .read(next.documents)
      .then(next.resolve, next.reject)
      .finally(() => {
        this.free.push(parser)
        this.next()
      })
  }
}

/** One thread, which reads one after another. */
class Parser {
  private worker: Worker | undefined
  private reports: ReadReport[] = []
  private current: PromiseWithResolvers<ReadReport[]> | undefined

  constructor(
    private readonly entry: URL,
    private readonly maxMs: number,
  ) {
    this.worker = this.start()
  }

  read(documents: Documents): Promise<ReadReport[]> {
    const current = Promise.withResolvers<ReadReport[]>()
    this.current = current
    this.reports = []
    this.worker ??= this.start()
    const timer = setTimeout(() => this.giveUp(new BadRequest('It takes too long to read this.')), this.maxMs)
    this.worker.postMessage(documents, memoryOf(bytesOf(documents)))
    return current.promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    this.giveUp(serverEnds())
  }

  private giveUp(reason: Error): void {
    this.current?.reject(reason)
    this.current = undefined
    this.worker?.terminate()
    this.worker = undefined
  }

  private start(): Worker {
    const worker = new Worker(this.entry, { name: 'parser' })
    let failure = new Error('a thread that reads documents ended without a word')
    worker.addEventListener('message', ({ data }: MessageEvent<FromParser>) => {
      if (worker === this.worker) this.take(data, worker)
    })
    worker.addEventListener('error', ({ message }) => {
      failure = breakdownOf(message)
    })
    worker.addEventListener('close', () => {
      if (worker !== this.worker) return
      this.worker = undefined
      this.current?.reject(failure)
      this.current = undefined
    })
    return worker
  }

  private take(data: FromParser, worker: Worker): void {
    if ('error' in data) this.current?.reject(fromPlainError(data.error))
    else if ('done' in data) this.current?.resolve(this.reports)
    if ('error' in data || 'done' in data) {
      this.reports = []
      return
    }
    takePiece(this.reports, data)
    // When others have had their turn.
    setImmediate(() => {
      if (worker === this.worker) worker.postMessage('next' satisfies ToParser)
    })
  }
}

function serverEnds(): Busy {
  return new Busy('The server ends: send it again in a while.', 5)
}
