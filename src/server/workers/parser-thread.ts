// Parses documents in two workers. The networks whose documents wait take turns.

import {
  contentsOf,
  type DocumentParser,
  type Documents,
  type ParsedReport,
  readDocuments,
  sizeOf,
} from '../../ingest/documents'
import { addPiece, type ReportPiece, transferableBuffers } from '../../ingest/report-pieces'
import { runCooperatively } from '../../lib/cooperative'
import { BadRequest, Busy } from '../../lib/errors'
import { FairQueue } from '../../lib/fair-queue'
import { fromPlainError, type PlainError } from '../../lib/transferable-errors'
import { WorkerThread } from './protocol'

/** Documents to parse, then `next` for each further piece of the result. */
export type ToParser = Documents | 'next'

export type FromParser = ReportPiece | { done: true } | { error: PlainError }

const THREADS = 2
/** Documents up to this size are parsed on the main thread: sending them to a worker would take longer. */
const SMALL_BYTES = 64 * 1024
/** Limits for all waiting documents. One network may use half of each. */
const MAX_WAITING = 64
const MAX_WAITING_BYTES = 512 * 1024 ** 2
/** No document within the other limits takes this long. */
const MAX_MS = 120_000

interface QueuedDocuments extends PromiseWithResolvers<ParsedReport[]> {
  documents: Documents
  bytes: number
}

/** @param entry  the file that each worker runs. */
export function parserThreads(
  entry = new URL('./parser-entry.ts', import.meta.url),
  { maxMs = MAX_MS } = {},
): DocumentParser {
  return new Parsers(entry, maxMs)
}

class Parsers implements DocumentParser {
  private readonly free: Parser[]
  private readonly all: Parser[]
  /** By network. */
  private readonly queue = new FairQueue<QueuedDocuments>()

  constructor(entry: URL, maxMs: number) {
    this.all = Array.from({ length: THREADS }, () => new Parser(entry, maxMs))
    this.free = [...this.all]
  }

  async read(documents: Documents, network: string): Promise<ParsedReport[]> {
    const bytes = sizeOf(documents)
    if (bytes <= SMALL_BYTES) return runCooperatively(readDocuments(documents))
    this.requireRoom(network, bytes)
    const waiting = { documents, bytes, ...Promise.withResolvers<ParsedReport[]>() }
    this.queue.add(network, waiting)
    this.next()
    return waiting.promise
  }

  close(): void {
    for (const { reject } of this.queue.clear()) reject(serverStops())
    for (const parser of this.all) parser.close()
  }

  private requireRoom(network: string, bytes: number): void {
    const isFull = (waiting: readonly QueuedDocuments[], part: number) =>
      waiting.length >= MAX_WAITING / part ||
      waiting.reduce((sum, one) => sum + one.bytes, bytes) > MAX_WAITING_BYTES / part
    if (isFull(this.queue.all(), 1) || isFull(this.queue.itemsOf(network), 2))
      throw new Busy('Too many documents wait to be read: try again in 5 seconds.', 5)
  }

  private next(): void {
    const parser = this.free.at(-1)
    const next = parser && this.queue.take()
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

/** One worker, which parses the documents of one import at a time. */
class Parser {
  private thread: WorkerThread<ToParser, FromParser> | undefined
  private reports: ParsedReport[] = []
  private current: PromiseWithResolvers<ParsedReport[]> | undefined

  constructor(
    private readonly entry: URL,
    private readonly maxMs: number,
  ) {
    this.thread = this.start()
  }

  read(documents: Documents): Promise<ParsedReport[]> {
    const current = Promise.withResolvers<ParsedReport[]>()
    this.current = current
    this.reports = []
    this.thread ??= this.start()
    const timer = setTimeout(() => this.giveUp(new BadRequest('It takes too long to read this.')), this.maxMs)
    this.thread.send(documents, transferableBuffers(contentsOf(documents)))
    return current.promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    this.giveUp(serverStops())
  }

  private giveUp(reason: Error): void {
    this.thread?.terminate()
    this.fail(reason)
  }

  private fail(reason: Error): void {
    this.thread = undefined
    this.current?.reject(reason)
    this.current = undefined
  }

  private start(): WorkerThread<ToParser, FromParser> {
    const thread = new WorkerThread<ToParser, FromParser>(this.entry, 'parser', {
      message: (message) => this.take(message, thread),
      lost: (reason) => this.fail(reason),
    })
    return thread
  }

  private take(message: FromParser, thread: WorkerThread<ToParser, FromParser>): void {
    if ('error' in message) this.current?.reject(fromPlainError(message.error))
    else if ('done' in message) this.current?.resolve(this.reports)
    if ('error' in message || 'done' in message) {
      this.reports = []
      return
    }
    addPiece(this.reports, message)
    setImmediate(() => thread.send('next')) // other requests are served first
  }
}

function serverStops(): Busy {
  return new Busy('The server ends: send it again in a while.', 5)
}
