// What every archive is held to, whatever its format: limits, paths, links; and the sentences that say so.

import { BadRequest, HttpError } from '../../http/errors'

/** A regular file in an archive. */
export interface Entry {
  /** Relative, without `.` and empty parts, never leaving the archive; at most 1024 bytes of UTF-8. */
  path: string
  /** Bytes of content as the archive claims; undefined when it does not. */
  size: number | undefined
  /** The content, to be read once, before the next entry. */
  chunks(): AsyncIterable<Uint8Array>
}

export interface ArchiveLimits {
  /** Bytes of one file. */
  fileBytes: number
  /** Bytes of everything unpacked, and of the archive as it is sent. */
  totalBytes: number
  /** Files, folders and links together. */
  entries: number
  /** Unpacked bytes for each packed one, asked for once `ratioFromBytes` are unpacked: small logs pack very well. */
  ratio: number
  ratioFromBytes: number
}

export const archiveLimits: ArchiveLimits = {
  fileBytes: 512 * 1024 ** 2,
  totalBytes: 16 * 1024 ** 3,
  entries: 100_000,
  ratio: 200,
  ratioFromBytes: 64 * 1024 ** 2,
}

export interface Options {
  limits?: Partial<ArchiveLimits>
  /** Where a zip, whose list of contents comes last, waits until it is complete. Made when missing. */
  folder: string
  /** Is told what was not as it should be and taken all the same. */
  warn?(sentence: string): void
}

const MAX_PATH_BYTES = 1024
const REPLACEMENT = '\ufffd'

/** Follows the reading of one archive, and stops it. */
export class Inspection {
  readonly limits: ArchiveLimits
  private readonly warn: (sentence: string) => void
  private packed = 0
  private unpacked = 0
  private entries = 0
  /** For the sentences: the entry that is being read, or was last. */
  private current = ''

  constructor({ limits, warn = () => {} }: Options) {
    this.limits = { ...archiveLimits, ...limits }
    this.warn = warn
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
    const { totalBytes, ratio, ratioFromBytes } = this.limits
    this.unpacked += bytes
    if (this.unpacked > totalBytes) {
      throw new BadRequest(`The archive unpacks to more than ${totalBytes} bytes${this.place()}.`)
    }
    if (this.unpacked > ratioFromBytes && this.unpacked > ratio * this.packed) {
      throw new BadRequest(`The archive unpacks to more than ${ratio} times its size${this.place()}.`)
    }
  }

  /**
   * Takes note of the next entry.
   *
   * @returns its path as it may be used; empty for the archive's own top folder.
   */
  enter(name: string, isFolder = false): string {
    this.current = name
    if (++this.entries > this.limits.entries)
      throw new BadRequest(`The archive has more than ${this.limits.entries} entries.`)
    const path = innerPath(name)
    if (path === undefined) throw this.refusal('its path leaves the archive')
    if (path === '' && !isFolder) throw this.refusal('its path is empty')
    if (path.includes('\0')) throw this.refusal('its path has a NUL')
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      this.current = `${name.slice(0, 100)}...`
      throw this.refusal(`its path is longer than ${MAX_PATH_BYTES} bytes`)
    }
    if (path.includes(REPLACEMENT))
      this.warn(`"${path}": the name is not UTF-8; ${REPLACEMENT} stands for what is broken.`)
    return path
  }

  /** Lets a link pass that stays inside the archive. @param from  the folder that `target` counts from */
  checkLink(from: string, target: string): void {
    const inside = target.startsWith('/') ? undefined : innerPath(`${from}/${target}`, 'resolve')
    if (inside === undefined) throw this.refusal(`it is a link out of the archive, to "${target}"`)
  }

  checkFileSize(bytes: number): void {
    if (bytes > this.limits.fileBytes) throw this.refusal(`it is larger than ${this.limits.fileBytes} bytes`)
  }

  /** The answer to an entry that must not be there. */
  refusal(reason: string): BadRequest {
    return new BadRequest(`The archive's entry "${this.current}" is refused: ${reason}.`)
  }

  /** The answer to bytes that cannot be read. What has its own answer keeps that. */
  damage(error: unknown): HttpError {
    if (error instanceof HttpError) return error
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return new BadRequest(`The archive is damaged or cut off${this.place()}: ${reason}.`)
  }

  private place(): string {
    const entry = this.current === '' ? 'before the first entry' : `at the entry "${this.current}"`
    return `, ${entry}, after ${this.unpacked} unpacked bytes`
  }
}

/**
 * A path inside the archive in its one form, or undefined when it leaves it.
 *
 * @param dots  what `..` is good for: names may not have it at all, the targets of links may go up and down.
 */
function innerPath(name: string, dots: 'refuse' | 'resolve' = 'refuse'): string | undefined {
  if (dots === 'refuse' && name.startsWith('/')) return undefined
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (dots === 'refuse' || parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
