// Tells the readers of /events/ which jobs changed. Changes are gathered for a moment and looked up once for all readers.

import { version } from '../../package.json'
import { Busy } from '../lib/errors'
import { findJobByNumber } from '../results/core/job-reference'
import type { ResultServices } from '../results/core/services'
import { toJob } from '../results/jobs/model'
import { changedIds } from '../storage/change-feed'
import type { Commit } from '../storage/database'
import { History } from './history'
import { formatEvent, HEARTBEAT, parseEventId, RETRY } from './model'
import { Reader } from './reader'

export interface EventLimits {
  /** Readers at the same time. */
  maxReaders?: number
  /** Below what cuts a silent connection: the server's idle timeout, or that of a proxy, often 60 s. */
  heartbeatMs?: number
  /** The shortest time from one event to the next. */
  intervalMs?: number
}

/** Past this, asking for the lists again costs a reader less than being told of every job. */
const MAX_JOBS = 100
const RETRY_AFTER_SECONDS = 5

export class EventHub {
  private readonly readers = new Set<Reader>()
  private readonly history: History
  /** Jobs that changed since readers were last told. 'unknown': any job may have changed. */
  private changed: Set<number> | 'unknown' = new Set()
  private flushTimer: NodeJS.Timeout | undefined
  private flushedAt = Number.NEGATIVE_INFINITY
  private readonly heartbeat: NodeJS.Timeout
  private readonly unsubscribe: () => void
  private readonly maxReaders: number
  private readonly intervalMs: number
  private closed = false

  constructor(
    private readonly services: Pick<ResultServices, 'database' | 'log'>,
    { maxReaders = 1000, heartbeatMs = 15_000, intervalMs = 200 }: EventLimits = {},
  ) {
    const { database } = services
    this.maxReaders = maxReaders
    this.intervalMs = intervalMs
    this.history = new History(database.change)
    this.unsubscribe = database.subscribe((commit) => this.onCommit(commit), this.report)
    this.heartbeat = setInterval(() => this.tell(HEARTBEAT), heartbeatMs)
    this.heartbeat.unref()
  }

  get readerCount(): number {
    return this.readers.size
  }

  /**
   * A stream for one more reader.
   *
   * @param lastEventId  what the reader saw last; undefined for a new one.
   * @param mayRead  asked before whatever is told; the stream ends when it says no.
   * @throws Busy when there are too many, or the server is stopping.
   */
  open(lastEventId: string | undefined, mayRead = () => true): ReadableStream<Uint8Array> {
    if (this.closed || this.readers.size >= this.maxReaders) {
      const detail = this.closed
        ? 'The server is stopping: connect again in a while.'
        : `${this.maxReaders} readers follow the events already: connect again in a while.`
      throw new Busy(detail, RETRY_AFTER_SECONDS)
    }
    let reader: Reader | undefined
    return new ReadableStream({
      // Of Bun's own type, because the usual one neither tells that the socket is full nor closes it at once.
      type: 'direct',
      pull: (controller) => {
        reader = new Reader(controller, mayRead)
        // In one go, so that no commit falls between what the opening tells and what follows it.
        if (this.closed) reader.close()
        else if (reader.send(new TextEncoder().encode(this.opening(lastEventId)))) this.readers.add(reader)
      },
      cancel: () => {
        if (reader) this.readers.delete(reader)
      },
    })
  }

  /** Ends all streams, so that the server can stop. */
  close(): void {
    this.closed = true
    this.unsubscribe()
    clearInterval(this.heartbeat)
    clearTimeout(this.flushTimer)
    for (const reader of this.readers) reader.close()
    this.readers.clear()
  }

  /**
   * `hello`, then what was missed. Until that is told `hello` repeats the reader's own id: with a newer one, a
   * connection that breaks between the two would lose what was missed.
   */
  private opening(lastEventId: string | undefined): string {
    const { latest } = this.history
    const hello = (id: number) => RETRY + formatEvent('hello', { version }, id)
    if (lastEventId === undefined) return hello(latest)
    const last = parseEventId(lastEventId)
    const missed = this.history.jobsAfter(last)
    if (missed?.size === 0) return hello(latest)
    return hello(last) + (missed ? this.eventOf(missed) : formatEvent('reset', {}, latest))
  }

  private onCommit(commit: Commit): void {
    this.history.add(commit)
    if (this.readers.size === 0) return
    const jobs = changedIds(commit.changes, 'job')
    if (jobs === 'unknown') this.changed = 'unknown'
    else if (this.changed !== 'unknown') for (const job of jobs) this.changed.add(job)
    if ((this.changed !== 'unknown' && this.changed.size === 0) || this.flushTimer) return
    const waitMs = Math.max(0, this.flushedAt + this.intervalMs - performance.now())
    this.flushTimer = setTimeout(() => this.flush(), waitMs)
  }

  private flush(): void {
    this.flushTimer = undefined
    this.flushedAt = performance.now()
    const { changed } = this
    // Reset before anybody is told: checking a reader's rights can notice commits of other processes, for the next flush.
    this.changed = new Set()
    try {
      if (this.readers.size > 0) this.tell(this.eventOf(changed))
    } catch (error) {
      this.report(error)
      this.tell(formatEvent('reset', {}, this.history.latest))
    }
  }

  /** The event that tells of these jobs, as they are now. */
  private eventOf(numbers: Set<number> | 'unknown'): string {
    const { latest } = this.history
    if (numbers === 'unknown' || numbers.size > MAX_JOBS) return formatEvent('reset', {}, latest)
    const jobs = this.services.database.read((connection) =>
      [...numbers].map((number) => {
        const row = findJobByNumber(connection, String(number))
        return row ? toJob(row, { outcomes: true }) : { number, deleted: true }
      }),
    )
    return formatEvent('jobs', { jobs }, latest)
  }

  private tell(text: string): void {
    const bytes = new TextEncoder().encode(text)
    for (const reader of this.readers) {
      try {
        if (!reader.mayRead()) this.end(reader)
        else if (!reader.send(bytes)) this.readers.delete(reader)
      } catch (error) {
        this.readers.delete(reader) // the others are told all the same
        this.report(error)
      }
    }
  }

  private end(reader: Reader): void {
    this.readers.delete(reader)
    reader.close()
  }

  private readonly report = (error: unknown): void => {
    this.services.log.error({ err: error }, 'the events of a commit were not told')
  }
}
