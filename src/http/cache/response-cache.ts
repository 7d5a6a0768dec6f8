// Keeps answers in memory until the data that they show changes. A commit makes stale every list, and the answers that
// show a changed job.

import { type Changes, changedIds } from '../../storage/change-feed'
import type { Commit, Database } from '../../storage/database'
import { isCanonicalUrl } from '../request/canonical-url'
import { originOf, startOfPath } from '../request/links'
import { type Encoding, encodingFor } from '../response/encoding'
import { indentOf } from '../response/json'
import {
  compressedRepresentation,
  plainRepresentation,
  type Representation,
} from '../response/representations'
import type { RouteMetrics } from '../response/request-counts'

/** The maximum size in bytes, roughly. Answers that were not requested lately are removed first. */
const MAX_BYTES = 64 * 1024 ** 2
/** The memory that an answer takes besides its text and its key. */
const OVERHEAD_BYTES = 500
const MAX_ANSWER_BYTES = 4 * 1024 ** 2
/** The cache remembers the last change of this many jobs. With more, all answers become stale. */
const MAX_CHANGED = 100_000

/** The uncompressed representation, and what all representations share. One object for both saves a CPU cache miss. */
export interface CachedResponse extends Representation {
  /** Compressed for the first request. Requests that come meanwhile share the promise. */
  compressed: Partial<Record<Encoding, Representation | Promise<Representation>>>
  /** The number of the last commit that the answer certainly shows. It may show later ones, too. */
  change: number
  /** The only job that the answer shows. undefined: it may show any job. `analysis`: also what is derived from runs. */
  job: number | undefined | 'analysis'
  /** The metrics of its route. The sender adds to them. */
  routeMetrics?: RouteMetrics
  wasRequested: boolean
}

export class ResponseCache {
  private readonly entries = new Map<string, CachedResponse>()
  private bytes = 0
  /** How many requests found an answer here, and how many did not. */
  hits = 0
  misses = 0
  /** The number of the last commit that changed a job, by job. */
  private readonly changed = new Map<number, number>()
  /** Jobs that are not in `changed` did not change after this commit. */
  private unchangedSince: number
  /** The number of the last commit that made lists stale: not one of the background. */
  private lastChange: number

  constructor(
    private readonly database: Database,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.unchangedSince = database.change
    this.lastChange = database.change
    database.subscribe(
      (commit) => this.onCommit(commit),
      () => this.invalidateAll(),
    )
  }

  /** The current size. */
  get size(): { answers: number; bytes: number } {
    return { answers: this.entries.size, bytes: this.bytes }
  }

  /**
   * The answer to the same request, unless something that it shows has changed.
   *
   * @param url  the URL that the client asked for. Callers that know it save making it from the headers.
   */
  find(request: Request, url = urlOf(request)): CachedResponse | undefined {
    const key = keyOf(request, url)
    const answer = this.entries.get(key)
    if (!answer) return undefined
    this.database.checkOtherProcesses()
    if (!this.isFresh(answer)) {
      this.remove(key, answer)
      return undefined
    }
    answer.wasRequested = true
    this.hits++
    return answer
  }

  /**
   * Keeps an answer, unless it is too large or its URL has several spellings.
   *
   * @param change  the last commit that the answer certainly shows.
   * @param job  the only job that it shows; undefined: it may show any job.
   * @param parameters  the query parameters that the answer depends on. With other parameters, or with another spelling
   *   of these, the answer is not kept: otherwise anybody could fill the memory with copies.
   */
  keep(
    request: Request,
    text: string,
    { change, job, parameters }: Pick<CachedResponse, 'change' | 'job'> & { parameters: ReadonlySet<string> },
  ): CachedResponse {
    const answer: CachedResponse = {
      ...plainRepresentation(text),
      compressed: {},
      change,
      job,
      wasRequested: false,
    }
    if (answer.bytes > MAX_ANSWER_BYTES || !isCanonicalUrl(request, parameters)) return answer
    const key = keyOf(request)
    const before = this.entries.get(key)
    if (before) this.remove(key, before)
    this.entries.set(key, answer)
    this.bytes += costOf(key, answer)
    this.evict()
    return answer
  }

  /** The representation that the client accepts. It is compressed once and kept with the answer. */
  representationFor(request: Request, answer: CachedResponse): Representation | Promise<Representation> {
    const encoding = encodingFor(request, answer.bytes)
    return encoding ? (answer.compressed[encoding] ?? this.compress(request, answer, encoding)) : answer
  }

  private compress(request: Request, answer: CachedResponse, encoding: Encoding): Promise<Representation> {
    const compression = compressedRepresentation(answer, encoding).then((representation) => {
      answer.compressed[encoding] = representation
      // An answer that was removed meanwhile does not count.
      if (this.entries.get(keyOf(request)) === answer) this.bytes += representation.bytes
      this.evict()
      return representation
    })
    answer.compressed[encoding] = compression
    compression.catch(() => delete answer.compressed[encoding]) // the next request tries again
    return compression
  }

  private isFresh({ change, job }: CachedResponse): boolean {
    if (change === this.database.change) return true
    if (job === 'analysis') return false
    if (change >= this.lastChange) return true
    if (job === undefined || change < this.unchangedSince) return false
    return (this.changed.get(job) ?? 0) <= change
  }

  private onCommit({ change, changes }: Commit): void {
    if (isAnalysisOnly(changes)) return
    this.lastChange = change
    const jobs = changedIds(changes, 'job')
    if (jobs === 'unknown') {
      this.invalidateAll()
      return
    }
    for (const job of jobs) this.changed.set(job, change)
    if (this.changed.size > MAX_CHANGED) this.invalidateAll()
  }

  private invalidateAll(): void {
    this.changed.clear()
    this.unchangedSince = this.database.change
    this.lastChange = this.database.change
  }

  /**
   * Removes the oldest answers. One that was requested since the last time moves to the end instead. find() does not
   * move it: a Map keeps deleted entries until it grows, so moving a key with every request makes each lookup slower.
   */
  private evict(): void {
    for (const [key, answer] of this.entries) {
      if (this.bytes <= this.maxBytes) return
      if (answer.wasRequested) {
        answer.wasRequested = false
        this.entries.delete(key)
        this.entries.set(key, answer)
      } else this.remove(key, answer)
    }
  }

  private remove(key: string, answer: CachedResponse): void {
    this.entries.delete(key)
    this.bytes -= costOf(key, answer)
    for (const representation of Object.values(answer.compressed))
      if (!(representation instanceof Promise)) this.bytes -= representation.bytes
  }
}

/**
 * Whether a commit changed only what the background derives from runs. Few answers show that, and such commits come by
 * the dozen while the background works.
 */
function isAnalysisOnly(changes: Changes): boolean {
  return changes !== 'unknown' && changes.length > 0 && changes.every(({ kind }) => kind === 'analysis')
}

/** The cost in bytes, without the compressed representations. A key may be as long as a URL. */
function costOf(key: string, { bytes }: CachedResponse): number {
  return key.length + bytes + OVERHEAD_BYTES
}

/** Everything that an answer depends on besides the data. */
function keyOf(request: Request, url = urlOf(request)): string {
  const indent = indentOf(request)
  return indent === undefined ? url : `${url} ${indent}`
}

/**
 * The URL that the client asked for, with the scheme and the host that links are made from. The request guard may have
 * replaced those of `request.url`.
 */
function urlOf(request: Request): string {
  const { url } = request
  return originOf(request) + url.slice(startOfPath(url))
}
