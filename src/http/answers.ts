// Answers kept in memory while nothing changed that they show. A commit makes stale what shows the jobs that it
// touched, and every list.

import type { Commit, Database } from '../storage/database'
import { type Encoding, encodingFor, pack } from './encoding'
import { etagOf } from './entity-tag'
import { indentOf } from './json'
import { searchOf, startOfPath } from './links'

/** All that is kept, in bytes, about. What was asked for longest ago goes first. */
const MAX_BYTES = 64 * 1024 ** 2
/** What an answer costs beside its bytes. */
const OVERHEAD_BYTES = 500
const MAX_ANSWER_BYTES = 4 * 1024 ** 2
/** Below this, packing saves nothing. */
const MIN_PACKED_BYTES = 1024
/** Of so many jobs it is known when they changed; of more, all answers are stale at once. */
const MAX_CHANGED = 100_000

/** What may stand in the query of an answer that is kept: with anything else, anybody could fill the memory. */
const PARAMETERS = new Set([
  ...['page', 'page_size', 'ordering', 'omit', 'include'],
  ...['search', 'status', 'outcome', 'time_after', 'time_before'],
])

export interface Answer {
  body: Uint8Array<ArrayBuffer>
  etag: string
  /** Made when first asked for. */
  packed: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>>
  /** The number of the last commit that it shows for certain; it may show later ones, too. */
  change: number
  /** The job that it shows, and no other; undefined: it may show any. */
  job: number | undefined
}

export class Answers {
  private readonly answers = new Map<string, Answer>()
  private bytes = 0
  /** When jobs changed last: the numbers of commits. */
  private readonly changed = new Map<number, number>()
  /** Of jobs that are not in `changed`, it is known that they did not change after this commit. */
  private unchangedSince: number
  private static readonly ofDatabases = new WeakMap<Database, Answers>()

  /** One for all parts of an app. */
  static of(database: Database): Answers {
    const answers = Answers.ofDatabases.get(database) ?? new Answers(database)
    Answers.ofDatabases.set(database, answers)
    return answers
  }

  constructor(
    private readonly database: Database,
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.unchangedSince = database.change
    database.subscribe(
      (commit) => this.hear(commit),
      () => this.forget(),
    )
  }

  /** How much is kept. */
  get size(): { answers: number; bytes: number } {
    return { answers: this.answers.size, bytes: this.bytes }
  }

  /** The answer to the same request, unless something that it shows has changed. */
  find(request: Request): Answer | undefined {
    this.database.noticeOthers()
    const key = keyOf(request)
    const answer = this.answers.get(key)
    if (!answer) return undefined
    if (!this.isFresh(answer)) {
      this.remove(key, answer)
      return undefined
    }
    // Behind all others: it was asked for last.
    this.answers.delete(key)
    this.answers.set(key, answer)
    return answer
  }

  /**
   * Keeps an answer where that is worth it.
   *
   * @param change  the last commit that it shows for certain.
   * @param job  the only one that it shows; undefined: it may show any.
   */
  keep(request: Request, text: string, { change, job }: Pick<Answer, 'change' | 'job'>): Answer {
    const body = new TextEncoder().encode(text)
    const answer: Answer = { body, etag: etagOf(body), packed: {}, change, job }
    if (body.length > MAX_ANSWER_BYTES || !hasKnownParameters(request)) return answer
    const key = keyOf(request)
    const before = this.answers.get(key)
    if (before) this.remove(key, before)
    this.answers.set(key, answer)
    this.bytes += body.length + OVERHEAD_BYTES
    this.makeRoom()
    return answer
  }

  /** The body as the client takes it. Packed once, and kept with the answer. */
  bodyFor(
    request: Request,
    answer: Answer,
  ): { body: Uint8Array<ArrayBuffer>; encoding: Encoding | undefined } {
    const encoding = answer.body.length < MIN_PACKED_BYTES ? undefined : encodingFor(request)
    if (!encoding) return { body: answer.body, encoding }
    let body = answer.packed[encoding]
    if (!body) {
      body = pack(answer.body, encoding)
      answer.packed[encoding] = body
      // One that is no longer kept is not counted, and gone with its request.
      if (this.answers.get(keyOf(request)) === answer) this.bytes += body.length
      this.makeRoom()
    }
    return { body, encoding }
  }

  private isFresh({ change, job }: Answer): boolean {
    if (change === this.database.change) return true
    if (job === undefined || change < this.unchangedSince) return false
    return (this.changed.get(job) ?? 0) <= change
  }

  private hear({ change, jobs }: Commit): void {
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

  private makeRoom(): void {
    for (const [key, answer] of this.answers) {
      if (this.bytes <= this.maxBytes) return
      this.remove(key, answer)
    }
  }

  private remove(key: string, { body, packed }: Answer): void {
    this.answers.delete(key)
    const packedBytes = Object.values(packed).reduce((sum, { length }) => sum + length, 0)
    this.bytes -= body.length + OVERHEAD_BYTES + packedBytes
  }
}

/** What an answer depends on besides the data. */
function keyOf(request: Request): string {
  const { url, headers } = request
  // Not the host of the URL: the front door may have mended that. The scheme, because of the links.
  const address = `${url.startsWith('https:') ? 's' : ''} ${headers.get('host')} ${url.slice(startOfPath(url))}`
  return `${address} ${indentOf(request) ?? ''}`
}

function hasKnownParameters(request: Request): boolean {
  for (const name of searchOf(request).keys()) if (!PARAMETERS.has(name)) return false
  return true
}
