// Keeps answers in memory until the data that they show changes. A commit makes the answers stale that show the jobs it
// changed, and every list.

import { changedIds } from '../../storage/change-feed'
import type { Commit, Database } from '../../storage/database'
import { isCanonicalUrl } from '../request/canonical-url'
import { originOf, startOfPath } from '../request/links'
import { type Encoding, encodingFor } from '../response/encoding'
import type { RouteMetrics } from '../response/http-metrics'
import { indentOf } from '../response/json'
import { packedRepresentation, plainRepresentation, type Representation } from '../response/representations'

/** All that is kept, in bytes, about. What nobody asked for of late goes first. */
const MAX_BYTES = 64 * 1024 ** 2
/** What an answer costs beside its bytes and those of its key. */
const OVERHEAD_BYTES = 500
const MAX_ANSWER_BYTES = 4 * 1024 ** 2
/** Of so many jobs it is known when they changed; of more, all answers are stale at once. */
const MAX_CHANGED = 100_000

/** The plain form, and what holds for all. In one object: of ten thousand, each further one is met in no cache. */
export interface Answer extends Representation {
  /** Made when first asked for; those who ask meanwhile wait for the same. */
  packed: Partial<Record<Encoding, Representation | Promise<Representation>>>
  /** The number of the last commit that it shows for certain; it may show later ones, too. */
  change: number
  /** The job that it shows, and no other; undefined: it may show any. */
  job: number | undefined
  /** Where it is counted that it was sent; left to who sends it. */
  series?: RouteMetrics
  wasAsked: boolean
}

export class ResponseCache {
  private readonly answers = new Map<string, Answer>()
  private bytes = 0
  /** How often an answer was there, and how often one had to be made. */
  hits = 0
  misses = 0
  /** When jobs changed last: the numbers of commits. */
  private readonly changed = new Map<number, number>()
  /** Of jobs that are not in `changed`, it is known that they did not change after this commit. */
  private unchangedSince: number

  constructor(
    private readonly database: Database,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.unchangedSince = database.change
    database.subscribe(
      (commit) => this.onCommit(commit),
      () => this.forget(),
    )
  }

  /** How much is kept. */
  get size(): { answers: number; bytes: number } {
    return { answers: this.answers.size, bytes: this.bytes }
  }

  /**
   * The answer to the same request, unless something that it shows has changed.
   *
   * @param url  that the client asked for. Who has that at hand spares us making it from the headers.
   */
  find(request: Request, url = urlOf(request)): Answer | undefined {
    const key = keyOf(request, url)
    const answer = this.answers.get(key)
    if (!answer) return undefined
    this.database.noticeOthers()
    if (!this.isFresh(answer)) {
      this.remove(key, answer)
      return undefined
    }
    answer.wasAsked = true
    this.hits++
    return answer
  }

  /**
   * Keeps an answer where that is worth it.
   *
   * @param change  the last commit that it shows for certain.
   * @param job  the only one that it shows; undefined: it may show any.
   * @param parameters  those that the answer depends on. With others in the query, or with a second spelling of the
   *   same, the answer is not kept: with copies of it, anybody could fill the memory.
   */
  keep(
    request: Request,
    text: string,
    { change, job, parameters }: Pick<Answer, 'change' | 'job'> & { parameters: ReadonlySet<string> },
  ): Answer {
    const answer: Answer = { ...plainRepresentation(text), packed: {}, change, job, wasAsked: false }
    if (answer.bytes > MAX_ANSWER_BYTES || !isCanonicalUrl(request, parameters)) return answer
    const key = keyOf(request)
    const before = this.answers.get(key)
    if (before) this.remove(key, before)
    this.answers.set(key, answer)
    this.bytes += costOf(key, answer)
    this.makeRoom()
    return answer
  }

  /** As the client takes it. Packed once, and kept with the answer. */
  formFor(request: Request, answer: Answer): Representation | Promise<Representation> {
    const encoding = encodingFor(request, answer.bytes)
    return encoding ? (answer.packed[encoding] ?? this.pack(request, answer, encoding)) : answer
  }

  private pack(request: Request, answer: Answer, encoding: Encoding): Promise<Representation> {
    const packing = packedRepresentation(answer, encoding).then((form) => {
      answer.packed[encoding] = form
      // One that is no longer kept is not counted, and gone with its request.
      if (this.answers.get(keyOf(request)) === answer) this.bytes += form.bytes
      this.makeRoom()
      return form
    })
    answer.packed[encoding] = packing
    packing.catch(() => delete answer.packed[encoding]) // whoever asks next tries again
    return packing
  }

  private isFresh({ change, job }: Answer): boolean {
    if (change === this.database.change) return true
    if (job === undefined || change < this.unchangedSince) return false
    return (this.changed.get(job) ?? 0) <= change
  }

  private onCommit({ change, changes }: Commit): void {
    const jobs = changedIds(changes, 'job')
    if (jobs === 'unknown') {
      this.forget()
      return
    }
    for (const job of jobs) this.changed.set(job, change)
    if (this.changed.size > MAX_CHANGED) this.forget()
  }

  private forget(): void {
    this.changed.clear()
    this.unchangedSince = this.database.change
  }

  /**
   * Who was asked for since the last time gets another turn, behind all others. Not each time it is asked for: a Map
   * keeps what was deleted until it grows, and looks through that for a key that comes and goes all the time.
   */
  private makeRoom(): void {
    for (const [key, answer] of this.answers) {
      if (this.bytes <= this.maxBytes) return
      if (answer.wasAsked) {
        answer.wasAsked = false
        this.answers.delete(key)
        this.answers.set(key, answer)
      } else this.remove(key, answer)
    }
  }

  private remove(key: string, answer: Answer): void {
    this.answers.delete(key)
    this.bytes -= costOf(key, answer)
    for (const form of Object.values(answer.packed)) if (!(form instanceof Promise)) this.bytes -= form.bytes
  }
}

/** Without what is packed, in bytes. A key may be as long as a URL. */
function costOf(key: string, { bytes }: Answer): number {
  return key.length + bytes + OVERHEAD_BYTES
}

/** What an answer depends on besides the data. */
function keyOf(request: Request, url = urlOf(request)): string {
  const indent = indentOf(request)
  return indent === undefined ? url : `${url} ${indent}`
}

/**
 * That the client asked for, where the host is one, with the scheme and the host that links are made from: the front door
 * may have mended those in the request's own.
 */
function urlOf(request: Request): string {
  const { url } = request
  return originOf(request) + url.slice(startOfPath(url))
}
