// The documents of an archive, which are in memory until all of it has come; and how much of them that may be.

import { BadRequest } from '../lib/errors'
import { isFact, MAX_DOCUMENT_BYTES, MAX_JOBS, maxBytesOf, tooManyJobs } from './directory'

/** What is read of sysinfo and jobdata, in bytes. */
const MAX_FACTS_BYTES = 32 * 1024 * 1024
const TOO_MANY_FACTS =
  'Of sysinfo and jobdata the first 32 MiB were read; the other files were stored unread.'

export class ArchiveDocuments {
  readonly contents = new Map<string, Uint8Array>()
  #bytes = 0
  #factBytes = 0
  #jobs = 0

  /** @param warn  is told what is not read. */
  constructor(readonly warn: (sentence: string) => void) {}

  /** Whether a document of so many bytes is to be read. A job can be without those that are too much. */
  hasRoomFor(path: string, bytes: number): boolean {
    if (bytes > maxBytesOf(path)) {
      this.warn(`"${path}" was not read: it is larger than ${maxBytesOf(path)} bytes.`)
      return false
    }
    if (!isFact(path) || this.#factBytes + bytes <= MAX_FACTS_BYTES) return true
    if (this.#factBytes <= MAX_FACTS_BYTES) this.warn(TOO_MANY_FACTS)
    this.#factBytes = Number.POSITIVE_INFINITY
    return false
  }

  /** @throws BadRequest when it is more than an archive may hold */
  add(path: string, content: Uint8Array): void {
    if (isFact(path)) this.#factBytes += content.length
    else this.#bytes += content.length
    if (this.#bytes > 2 * MAX_DOCUMENT_BYTES) {
      throw new BadRequest(
        `The results and journals in the archive are larger than ${2 * MAX_DOCUMENT_BYTES} bytes.`,
      )
    }
    this.contents.set(path, content)
    // Before the rest of them is stored for nothing.
    if (path.endsWith('results.json') && ++this.#jobs > MAX_JOBS) throw tooManyJobs()
  }
}
