// Holds the documents of an archive in memory until the whole archive has arrived, and limits their size.

import { BadRequest } from '../lib/errors'
import { isMetadata, MAX_DOCUMENT_BYTES, MAX_JOBS, maxBytesOf, tooManyJobsError } from './directory'

/** Bytes of sysinfo and jobdata that are read. */
const MAX_TOTAL_METADATA_BYTES = 32 * 1024 * 1024
const TOO_MUCH_METADATA =
  'Of sysinfo and jobdata the first 32 MiB were read; the other files were stored unread.'

export class ArchiveDocuments {
  readonly contents = new Map<string, Uint8Array>()
  #bytes = 0
  #factBytes = 0
  #jobs = 0

  /** @param warn  gets a sentence for each document that is not read. */
  constructor(readonly warn: (sentence: string) => void) {}

  /** Whether to read a document of this size. A job can do without the documents that exceed a limit. */
  hasRoomFor(path: string, bytes: number): boolean {
    if (bytes > maxBytesOf(path)) {
      this.warn(`"${path}" was not read: it is larger than ${maxBytesOf(path)} bytes.`)
      return false
    }
    if (!isMetadata(path) || this.#factBytes + bytes <= MAX_TOTAL_METADATA_BYTES) return true
    if (this.#factBytes <= MAX_TOTAL_METADATA_BYTES) this.warn(TOO_MUCH_METADATA)
    this.#factBytes = Number.POSITIVE_INFINITY
    return false
  }

  /** @throws BadRequest when the documents exceed what an archive may hold */
  add(path: string, content: Uint8Array): void {
    if (isMetadata(path)) this.#factBytes += content.length
    else this.#bytes += content.length
    if (this.#bytes > 2 * MAX_DOCUMENT_BYTES) {
      throw new BadRequest(
        `The results and journals in the archive are larger than ${2 * MAX_DOCUMENT_BYTES} bytes.`,
      )
    }
    this.contents.set(path, content)
    // Checked here so that the remaining files are not stored in vain.
    if (path.endsWith('results.json') && ++this.#jobs > MAX_JOBS) throw tooManyJobsError()
  }
}
