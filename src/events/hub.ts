// Sends changed jobs to the readers of /events/. It collects changes for a moment and reads each job once for all.

import { version } from '../../package.json'
import { Busy } from '../lib/errors'
import type { ResultServices } from '../results/core/services'
import { changedIds } from '../storage/change-feed'
import type { Commit } from '../storage/database'
import { CommitHistory } from './history'
import { formatEvent, formatId, HEARTBEAT, type NoteKind, noteKindsIn, parseEventId, RETRY } from './model'
import { changedJobs } from './queries'
import { EventStreamReader } from './stream-reader'

export interface EventLimits {
  /** How many readers may be connected at the same time. */
  maxReaders?: number
  /** Shorter than the idle timeout of the server, and of a proxy, which is often 60 s. */
  heartbeatMs?: number
  /** The shortest time between two events. */
  intervalMs?: number
  /** How long after a commit that changed no job readers are told its number. */
  quietMs?: number
}

/** With more changed jobs, readers get `reset` and load their lists again, which costs less. */
const MAX_JOBS = 100
const RETRY_AFTER_SECONDS = 5

export class EventHub {
  private readonly readers = new Set<EventStreamReader>()
  private readonly history: CommitHistory
  /** Jobs that changed since the last event. 'unknown': any job may have changed. */
  private changed: Set<number> | 'unknown' = new Set()
  /** The kinds of notes that changed since the last event. */
  private noted = new Set<NoteKind>()
  private flushTimer: NodeJS.Timeout | undefined
  private quietTimer: NodeJS.Timeout | undefined
  /** Events that are being made or sent. */
  private flushes = 0
  private flushedAt = Number.NEGATIVE_INFINITY
  private readonly heartbeat: NodeJS.Timeout
  private readonly unsubscribe: () => void
  private readonly maxReaders: number
  private readonly intervalMs: number
  private readonly quietMs: number
  private closed = false
  private lastBroadcast: Promise<void> = Promise.resolve()

  constructor(
    private readonly services: Pick<ResultServices, 'database' | 'log'>,
    { maxReaders = 1000, heartbeatMs = 15_000, intervalMs = 200, quietMs = 1000 }: EventLimits = {},
  ) {
    const { database } = services
    this.maxReaders = maxReaders
    this.intervalMs = intervalMs
    this.quietMs = quietMs
    this.history = new CommitHistory(database.change)
    this.unsubscribe = database.subscribe((commit) => this.onCommit(commit), this.report)
    this.heartbeat = setInterval(() => this.broadcast(HEARTBEAT), heartbeatMs)
    this.heartbeat.unref()
  }

  get readerCount(): number {
    return this.readers.size
  }

  /**
   * A stream for one more reader.
   *
   * @param lastEventId  the last id that the reader saw; undefined for a new reader.
   * @param mayRead  is called before each event; the stream ends when it returns false.
   * @throws Busy when there are too many, or the server is stopping.
   */
  open(lastEventId: string | undefined, mayRead = async () => true): ReadableStream<Uint8Array> {
    if (this.closed || this.readers.size >= this.maxReaders) {
      const detail = this.closed
        ? 'The server is stopping: connect again in a while.'
        : `${this.maxReaders} readers follow the events already: connect again in a while.`
      throw new Busy(detail, RETRY_AFTER_SECONDS)
    }
    let reader: EventStreamReader | undefined
    return new ReadableStream({
      // Bun's own type: a standard stream does not report a full socket, and does not close it at once.
      type: 'direct',
      // Not async: Bun would end the stream with the promise.
      pull: (controller) => {
        reader = new EventStreamReader(controller, mayRead)
        void this.begin(reader, lastEventId)
      },
      cancel: () => {
        if (reader) this.readers.delete(reader)
      },
    })
  }

  /** Tells a new reader where it stands. From then on it gets all events. */
  private async begin(reader: EventStreamReader, lastEventId: string | undefined): Promise<void> {
    try {
      const opening = await this.opening(lastEventId)
      if (this.closed) reader.close()
      else if (reader.send(new TextEncoder().encode(opening))) this.readers.add(reader)
    } catch (error) {
      this.report(error)
      reader.close()
    }
  }

  /** Ends all streams, so that the server can stop. */
  close(): void {
    this.closed = true
    this.unsubscribe()
    clearInterval(this.heartbeat)
    const isBehind = this.quietTimer !== undefined && this.hasTold
    const id = isBehind ? new TextEncoder().encode(formatId(this.history.latest)) : undefined
    clearTimeout(this.flushTimer)
    clearTimeout(this.quietTimer)
    for (const reader of this.readers) {
      if (id) reader.send(id)
      reader.close()
    }
    this.readers.clear()
  }

  /**
   * `hello`, then the changes that the reader missed. `hello` repeats the reader's own id if changes follow: with a
   * newer id, a connection that breaks between the two events would lose them.
   *
   * A commit during the reading would come neither here nor in the events that follow, so this then reads again.
   */
  private async opening(lastEventId: string | undefined): Promise<string> {
    for (;;) {
      const { latest } = this.history
      const text = await this.openingAt(latest, lastEventId)
      if (this.history.latest === latest) return text
    }
  }

  private async openingAt(latest: number, lastEventId: string | undefined): Promise<string> {
    const hello = (id: number) => RETRY + formatEvent('hello', { version }, id)
    if (lastEventId === undefined) return hello(latest)
    const last = parseEventId(lastEventId)
    const missed = this.history.jobsAfter(last)
    const notes = notesEvent(this.history.notesAfter(last), latest)
    if (missed?.size === 0) return hello(notes === '' ? latest : last) + notes
    return hello(last) + (missed ? (await this.eventOf(missed)) + notes : formatEvent('reset', {}, latest))
  }

  private onCommit(commit: Commit): void {
    this.history.add(commit)
    if (this.readers.size === 0) return
    const jobs = changedIds(commit.changes, 'job')
    if (jobs === 'unknown') this.changed = 'unknown'
    else if (this.changed !== 'unknown') for (const job of jobs) this.changed.add(job)
    for (const kind of noteKindsIn(commit.changes)) this.noted.add(kind)
    const isQuiet = this.changed !== 'unknown' && this.changed.size === 0 && this.noted.size === 0
    if (isQuiet) this.tellIdSoon()
    if (isQuiet || this.flushTimer) return
    const waitMs = Math.max(0, this.flushedAt + this.intervalMs - performance.now())
    this.flushTimer = setTimeout(() => this.flush(), waitMs)
  }

  /** Whether all changes of jobs have been told. */
  private get hasTold(): boolean {
    return this.flushTimer === undefined && this.flushes === 0
  }

  /**
   * Tells the number of the last commit where no event does: the server knows of commits since its start only. A reader
   * that came again after a restart with an older number would have to load all its lists.
   */
  private tellIdSoon(): void {
    this.quietTimer ??= setTimeout(() => {
      this.quietTimer = undefined
      // An event that is under way may be older than the commit.
      if (this.hasTold) void this.broadcast(formatId(this.history.latest))
      else this.tellIdSoon()
    }, this.quietMs).unref()
  }

  private async flush(): Promise<void> {
    this.flushTimer = undefined
    this.flushes++
    this.flushedAt = performance.now()
    const { changed, noted } = this
    const { latest } = this.history
    // Reset before the broadcast: checking a reader's rights can find commits of other processes, for the next flush.
    this.changed = new Set()
    this.noted = new Set()
    try {
      if (this.readers.size === 0) return
      const jobs = changed === 'unknown' || changed.size > 0 ? await this.eventOf(changed) : ''
      await this.broadcast(jobs + notesEvent([...noted], latest))
    } catch (error) {
      this.report(error)
      await this.broadcast(formatEvent('reset', {}, this.history.latest))
    } finally {
      this.flushes--
    }
  }

  /** The event with the current state of these jobs. */
  private async eventOf(numbers: Set<number> | 'unknown'): Promise<string> {
    const { latest } = this.history
    if (numbers === 'unknown' || numbers.size > MAX_JOBS) return formatEvent('reset', {}, latest)
    const jobs = await this.services.database.read(changedJobs, [...numbers])
    return formatEvent('jobs', { jobs }, latest)
  }

  /** Sends an event after the earlier ones, so that all readers get them in this order. */
  private broadcast(text: string): Promise<void> {
    const sent = this.lastBroadcast.then(() => this.broadcastNow(text))
    this.lastBroadcast = sent
    return sent
  }

  private async broadcastNow(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text)
    // A reader that connects meanwhile has been told of these changes in its opening.
    for (const reader of [...this.readers]) {
      try {
        const mayRead = await reader.mayRead()
        if (!this.readers.has(reader)) continue // it has gone, or the server stops
        if (!mayRead) this.end(reader)
        else if (!reader.send(bytes)) this.readers.delete(reader)
      } catch (error) {
        this.readers.delete(reader) // other readers still get the event
        this.report(error)
      }
    }
  }

  private end(reader: EventStreamReader): void {
    this.readers.delete(reader)
    reader.close()
  }

  private readonly report = (error: unknown): void => {
    this.services.log.error({ err: error }, 'the events of a commit were not told')
  }
}

function notesEvent(kinds: readonly NoteKind[], id: number): string {
  return kinds.length === 0 ? '' : formatEvent('notes', { kinds }, id)
}
