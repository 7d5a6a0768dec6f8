// The rules for all archive formats: limits, paths, links, and the messages about them. An entry that breaks a rule is
// left out with a warning, so that one strange file does not keep a job from being stored.

import { BadRequest, DomainError } from '../../lib/errors'

/** A regular file in an archive. */
export interface ArchiveEntry {
  /** Relative, without `..`, `.` and empty parts; at most 1024 bytes of UTF-8. */
  path: string
  /** Bytes of content, as the archive claims. */
  size: number
  /**
   * The content. Read it once, before the next entry.
   *
   * @throws EntryLeftOut, BadRequest
   */
  chunks(): AsyncIterable<Uint8Array>
}

export interface ArchiveLimits {
  /** Bytes of one file. */
  fileBytes: number
  /** Bytes of the unpacked archive, and of the packed one. */
  totalBytes: number
  /** Files, folders and links together. */
  entries: number
  /** Unpacked bytes for each packed byte, in addition to the free bytes. */
  ratio: number
  /** Free bytes for stored files: small logs pack very well. */
  freeBytes: number
  /** Free bytes for essential files. */
  freeEssentialBytes: number
  /** Free bytes for everything that is unpacked. Skipped files cost time, but neither memory nor disk space. */
  freeTotalBytes: number
}

export const archiveLimits: ArchiveLimits = {
  fileBytes: 512 * 1024 ** 2,
  totalBytes: 16 * 1024 ** 3,
  entries: 100_000,
  ratio: 200,
  freeBytes: 4 * 1024 ** 2,
  freeEssentialBytes: 4 * 1024 ** 2,
  // A repetitive file of the maximum size is left out, but must not keep its job from being stored.
  freeTotalBytes: 512 * 1024 ** 2,
}

export interface Options {
  limits?: Partial<ArchiveLimits>
  /** For the temporary file of a zip, whose directory comes last. Created if missing. */
  folder: string
  /** Gets a sentence on each entry that is left out. */
  warn?(sentence: string): void
  /** Files that are read even beyond the limits of entries and of bytes of one file. */
  isEssential?(path: string): boolean
}

/** The kind of an entry. */
export type Kind = 'file' | 'folder' | 'link' | 'device' | 'pipe' | 'sparse' | 'unknown'

/** The current entry is left out while it is being read. The warning was given already. */
export class EntryLeftOut extends Error {}

const MAX_PATH_BYTES = 1024
/** Limits all headers, by the allowed number of entries: skipped headers take time, too. */
const HEADERS_PER_ENTRY = 10
/** Warnings about single entries. */
const MAX_WARNINGS = 100
/** Characters of a name in a message. */
const MAX_SHOWN = 200

const reasons: Partial<Record<Kind, string>> = {
  device: 'it is a device',
  pipe: 'it is a named pipe or a socket',
  sparse: 'it is stored as a sparse file, which is not read',
  unknown: 'it is neither a file nor a folder nor a link',
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\0-\x1f\x7f]/

/** Checks one archive while it is read, and stops it at the limits. */
export class Inspection {
  readonly limits: ArchiveLimits
  private readonly warn: (sentence: string) => void
  private readonly isEssential: (path: string) => boolean
  private packed = 0
  private unpacked = 0
  private kept = { essential: 0, other: 0 }
  private entries = 0
  private headers = 0
  private excessEntries = 0
  private leftOutCount = 0
  /** The name of the current or last entry, for messages. */
  private current = ''

  constructor({ limits, warn = () => {}, isEssential = () => false }: Options) {
    this.limits = { ...archiveLimits, ...limits }
    this.warn = warn
    this.isEssential = isEssential
  }

  get unpackedBytes(): number {
    return this.unpacked
  }

  addPacked(bytes: number): void {
    this.packed += bytes
    if (this.packed > this.limits.totalBytes)
      throw new BadRequest(`The archive is larger than ${this.limits.totalBytes} bytes.`)
  }

  addUnpacked(bytes: number): void {
    const { totalBytes, ratio, freeTotalBytes } = this.limits
    this.unpacked += bytes
    if (this.unpacked > totalBytes) {
      throw new BadRequest(`The archive unpacks to more than ${totalBytes} bytes${this.place()}.`)
    }
    if (this.unpacked > freeTotalBytes + ratio * this.packed) {
      throw new BadRequest(`The archive unpacks to more than ${ratio} times its size${this.place()}.`)
    }
  }

  /** Counts a header of any kind. */
  addHeader(): void {
    const maxHeaders = HEADERS_PER_ENTRY * this.limits.entries
    if (++this.headers > maxHeaders)
      throw new BadRequest(`The archive has more than ${maxHeaders} headers of entries.`)
  }

  /**
   * Checks the next entry.
   *
   * @param name  as written in the archive.
   * @returns the path of a file to read; undefined for an entry to skip: a folder, a link, or one that is not allowed.
   */
  checkEntry(name: Uint8Array, kind: Kind, { size = 0, target = '' } = {}): string | undefined {
    this.current = displayName(name)
    const isExcess = ++this.entries > this.limits.entries
    if (kind === 'folder') return undefined
    const path = normalisedPath(name)
    if ('reason' in path) return this.leaveOut(path.reason)
    if (isExcess && !(kind === 'file' && this.isEssential(path.path))) {
      this.excessEntries++
      return undefined
    }
    if (kind === 'link') return this.checkLink(target)
    if (kind !== 'file') return this.leaveOut(reasons[kind] ?? '')
    if (size > this.limits.fileBytes && !this.isEssential(path.path)) {
      return this.leaveOut(`it is larger than ${this.limits.fileBytes} bytes (--max-file)`)
    }
    return path.path
  }

  /** Warns that the current entry is left out. */
  leaveOut(reason: string): undefined {
    if (++this.leftOutCount <= MAX_WARNINGS) this.warn(`"${this.current}" was left out: ${reason}.`)
  }

  /**
   * Passes on the content of the entry at `path`, and counts it.
   *
   * @throws EntryLeftOut when the entry unpacks to too much for the size of the archive.
   */
  async *countContent(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const kind = this.isEssential(path) ? 'essential' : 'other'
    const { ratio, freeBytes, freeEssentialBytes } = this.limits
    const free = kind === 'essential' ? freeEssentialBytes : freeBytes
    let size = 0
    try {
      for await (const chunk of chunks) {
        size += chunk.length
        if (this.kept[kind] + size > free + ratio * this.packed) {
          this.leaveOut(`it unpacks to more than ${ratio} times its size`)
          throw new EntryLeftOut()
        }
        yield chunk
      }
    } catch (error) {
      throw this.toBadRequest(error)
    }
    this.kept[kind] += size
  }

  /** Warns about the entries that had no warning of their own. */
  finish(): void {
    const { entries } = this.limits
    if (this.excessEntries > 0) {
      this.warn(
        `The archive has more than ${entries} entries (--max-entries): ${this.excessEntries} files and links were left out.`,
      )
    }
    if (this.leftOutCount > MAX_WARNINGS)
      this.warn(`${this.leftOutCount - MAX_WARNINGS} more files and links were left out.`)
  }

  /** Turns an error of the reader into a BadRequest. A DomainError or EntryLeftOut stays as it is. */
  toBadRequest(error: unknown): Error {
    if (error instanceof DomainError || error instanceof EntryLeftOut) return error
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return new BadRequest(`The archive is damaged or cut off${this.place()}: ${reason}.`)
  }

  /** Skips a link. One that points inside the archive needs no warning, because its target is an entry itself. */
  private checkLink(target: string): undefined {
    if (isInside(target)) return undefined
    return this.leaveOut(`it is a link out of the archive, to "${target.slice(0, MAX_SHOWN)}"`)
  }

  private place(): string {
    const entry = this.current === '' ? 'before the first entry' : `at the entry "${this.current}"`
    return `, ${entry}, after ${this.unpacked} unpacked bytes`
  }
}

/** A name for messages. */
function displayName(name: Uint8Array): string {
  const text = new TextDecoder().decode(name.subarray(0, 4 * MAX_SHOWN)).replace(/\0.*/s, '')
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN / 2)}...` : text
  return short.replace(new RegExp(CONTROL, 'g'), '\ufffd').toWellFormed()
}

/** The normalised path of a file, or the reason why it is not allowed. */
function normalisedPath(name: Uint8Array): { path: string } | { reason: string } {
  if (name.length > 4 * MAX_PATH_BYTES) return { reason: `its path is longer than ${MAX_PATH_BYTES} bytes` }
  let text: string
  try {
    text = strictDecoder.decode(name)
  } catch {
    return { reason: 'its name is not UTF-8' }
  }
  if (CONTROL.test(text)) return { reason: 'its name has control characters, such as a new line' }
  if (text.startsWith('/')) return { reason: 'its path leaves the archive' }
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) return { reason: 'its path leaves the archive' }
  if (parts.length === 0) return { reason: 'its path is empty' }
  const path = parts.join('/')
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    return { reason: `its path is longer than ${MAX_PATH_BYTES} bytes` }
  return { path }
}

/** @param target  relative to the top of the archive. */
function isInside(target: string): boolean {
  if (target.startsWith('/')) return false
  let depth = 0
  for (const part of target.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) return false
  }
  return true
}
