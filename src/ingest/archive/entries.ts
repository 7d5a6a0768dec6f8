// What every archive is held to, whatever its format: limits, paths, links; and the sentences that say so. What must not
// be there is left out, with a warning: one strange file keeps no job out.

import { BadRequest, DomainError } from '../../lib/errors'

/** A regular file in an archive. */
export interface Entry {
  /** Relative, without `.` and empty parts, never leaving the archive; at most 1024 bytes of UTF-8. */
  path: string
  /** Bytes of content as the archive claims. */
  size: number
  /**
   * The content, to be read once, before the next entry.
   *
   * @throws LeftOut, BadRequest
   */
  chunks(): AsyncIterable<Uint8Array>
}

export interface ArchiveLimits {
  /** Bytes of one file. */
  fileBytes: number
  /** Bytes of everything unpacked, and of the archive as it is sent. */
  totalBytes: number
  /** Files, folders and links together. */
  entries: number
  /** Unpacked bytes for each packed one, beyond those that are free. */
  ratio: number
  /** Of files that are kept: small logs pack very well. The ratio counts from the first byte, but for tiny archives. */
  freeBytes: number
  /** Of files that are read whole. */
  freeEssentialBytes: number
  /** Of all that is unpacked, kept or not: what is thrown away takes time, and neither memory nor room. */
  freeTotalBytes: number
}

export const archiveLimits: ArchiveLimits = {
  fileBytes: 512 * 1024 ** 2,
  totalBytes: 16 * 1024 ** 3,
  entries: 100_000,
  ratio: 200,
  freeBytes: 4 * 1024 ** 2,
  freeEssentialBytes: 4 * 1024 ** 2,
  // One file that says one thing, as large as a file may be, keeps no job out. It has to be passed over.
  freeTotalBytes: 512 * 1024 ** 2,
}

export interface Options {
  limits?: Partial<ArchiveLimits>
  /** Where a zip, whose list of contents comes last, waits until it is complete. Made when missing. */
  folder: string
  /** Is told what was left out, and why. */
  warn?(sentence: string): void
  /** Files that are wanted even behind more entries than there may be, and larger ones than others. */
  isEssential?(path: string): boolean
}

/** What a file is, besides one that is simply there. */
export type Kind = 'file' | 'folder' | 'link' | 'device' | 'pipe' | 'sparse' | 'unknown'

/** The content that is being read is not wanted any more; whoever was to be told has been. */
export class LeftOut extends Error {}

const MAX_PATH_BYTES = 1024
/** Headers of all kinds, for each entry that there may be: what is passed over takes its time, too. */
const HEADERS_PER_ENTRY = 10
/** As many are told of one by one. */
const MAX_WARNINGS = 100
/** Of a name in a sentence. */
const MAX_SHOWN = 200

const reasons: Partial<Record<Kind, string>> = {
  device: 'it is a device',
  pipe: 'it is a named pipe or a socket',
  sparse: 'it is stored as a sparse file, which is not read',
  unknown: 'it is neither a file nor a folder nor a link',
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\0-\x1f\x7f]/

/** Follows the reading of one archive, and stops it. */
export class Inspection {
  readonly limits: ArchiveLimits
  private readonly warn: (sentence: string) => void
  private readonly isEssential: (path: string) => boolean
  private packed = 0
  private unpacked = 0
  private kept = { essential: 0, other: 0 }
  private entries = 0
  private headers = 0
  private tooMany = 0
  private leftOut = 0
  /** For the sentences: the entry that is being read, or was last. */
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

  /** Takes note of a header, of whatever kind. */
  addHeader(): void {
    const most = HEADERS_PER_ENTRY * this.limits.entries
    if (++this.headers > most) throw new BadRequest(`The archive has more than ${most} headers of entries.`)
  }

  /**
   * Takes note of the next entry.
   *
   * @param name  as it stands in the archive.
   * @returns the path of a file that is to be read; undefined for what is passed over: folders, links that stay inside,
   *   and whatever must not be there.
   */
  enter(name: Uint8Array, kind: Kind, { size = 0, target = '' } = {}): string | undefined {
    this.current = shown(name)
    const isExcess = ++this.entries > this.limits.entries
    if (kind === 'folder') return undefined
    const path = pathOf(name)
    if ('reason' in path) return this.leaveOut(path.reason)
    if (isExcess && !(kind === 'file' && this.isEssential(path.path))) {
      this.tooMany++
      return undefined
    }
    if (kind === 'link') return this.passLink(target)
    if (kind !== 'file') return this.leaveOut(reasons[kind] ?? '')
    if (size > this.limits.fileBytes && !this.isEssential(path.path)) {
      return this.leaveOut(`it is larger than ${this.limits.fileBytes} bytes (--max-file)`)
    }
    return path.path
  }

  /** Warns that the current entry is left out. */
  leaveOut(reason: string): undefined {
    if (++this.leftOut <= MAX_WARNINGS) this.warn(`"${this.current}" was left out: ${reason}.`)
  }

  /**
   * The content of the entry at `path` as it is read.
   *
   * @throws LeftOut once it unpacks to more than anything that is worth its room.
   */
  async *measured(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const kind = this.isEssential(path) ? 'essential' : 'other'
    const { ratio, freeBytes, freeEssentialBytes } = this.limits
    const free = kind === 'essential' ? freeEssentialBytes : freeBytes
    let size = 0
    try {
      for await (const chunk of chunks) {
        size += chunk.length
        if (this.kept[kind] + size > free + ratio * this.packed) {
          this.leaveOut(`it unpacks to more than ${ratio} times its size`)
          throw new LeftOut()
        }
        yield chunk
      }
    } catch (error) {
      throw this.damage(error)
    }
    this.kept[kind] += size
  }

  /** Says what was too much to be said one by one. */
  finish(): void {
    const { entries } = this.limits
    if (this.tooMany > 0) {
      this.warn(
        `The archive has more than ${entries} entries (--max-entries): ${this.tooMany} files and links were left out.`,
      )
    }
    if (this.leftOut > MAX_WARNINGS)
      this.warn(`${this.leftOut - MAX_WARNINGS} more files and links were left out.`)
  }

  /** The answer to bytes that cannot be read. What has its own answer keeps that. */
  damage(error: unknown): Error {
    if (error instanceof DomainError || error instanceof LeftOut) return error
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return new BadRequest(`The archive is damaged or cut off${this.place()}: ${reason}.`)
  }

  /** Links inside the archive are passed over: what they name is there itself. */
  private passLink(target: string): undefined {
    if (isInside(target)) return undefined
    return this.leaveOut(`it is a link out of the archive, to "${target.slice(0, MAX_SHOWN)}"`)
  }

  private place(): string {
    const entry = this.current === '' ? 'before the first entry' : `at the entry "${this.current}"`
    return `, ${entry}, after ${this.unpacked} unpacked bytes`
  }
}

/** For a sentence. */
function shown(name: Uint8Array): string {
  const text = new TextDecoder().decode(name.subarray(0, 4 * MAX_SHOWN)).replace(/\0.*/s, '')
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN / 2)}...` : text
  return short.replace(new RegExp(CONTROL, 'g'), '\ufffd').toWellFormed()
}

/** The path of a file in its one form, or why it has none. */
function pathOf(name: Uint8Array): { path: string } | { reason: string } {
  if (name.length > 4 * MAX_PATH_BYTES) return { reason: `its path is longer than ${MAX_PATH_BYTES} bytes` }
  let text: string
  try {
    text = strict.decode(name)
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

/** @param target  from the top of the archive. */
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
