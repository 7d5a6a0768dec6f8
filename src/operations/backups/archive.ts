// The file format of a backup: a tar archive, so that `tar` and `zstd` can unpack it without this program.
//
//   backup.json             the kind, the versions and the time of the backup
//   files/ab/cdef...        the stored files, as in the folder beside the database
//   database/00000001.zst   the database in pieces: cat database/* | zstd -d > avocadoserver.sqlite
//   complete.json           sums; a file that was cut off has none
//
// The files come first. A file that is gone by then is removed from the copy of the database, which comes after them.

import { createReadStream } from 'node:fs'
import { extract, pack } from 'tar-stream'
import { describeReadError } from '../../lib/system-errors'
import { BackupFailed } from './failures'
import { PartFile, PIECE_BYTES } from './part-file'

export interface Description {
  kind: 'avocado-server backup'
  /** The version of the program that made the backup. */
  program: string
  schema: number
  made_at: string
  /** Whether the backup has the stored files. */
  with_files: boolean
}

export interface Sums {
  files: number
  database_bytes: number
  database_sha256: string
  /** The hash of all entries before this one, as packed, with their names. Missing in backups from before 0.32. */
  entries_sha256?: string
}

/** Hashes entries, one after another. */
export class EntriesHash {
  private readonly hasher = new Bun.CryptoHasher('sha256')

  /** The same chunks, hashed as they pass. */
  async *of(
    name: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    this.hasher.update(`${name}\0`)
    for await (const chunk of chunks) {
      this.hasher.update(chunk)
      yield chunk
    }
  }

  digest(): string {
    return this.hasher.digest('hex')
  }
}

export const DESCRIPTION = 'backup.json'
export const SUMS = 'complete.json'
export const DATABASE_PIECE = /^database\/(\d{8})\.zst$/
export const STORED_FILE = /^files\/([0-9a-f]{2}\/[0-9a-f]{62})$/
/** The size of a piece of the database before compression. */
export const DATABASE_PIECE_BYTES = 4 * 1024 * 1024

export class ArchiveWriter {
  private readonly tar = pack()
  private readonly written: Promise<void>
  private failure: unknown
  /** The hash of all entries so far. */
  readonly hash = new EntriesHash()

  private constructor(private readonly file: PartFile) {
    this.written = this.write()
  }

  static async create(path: string): Promise<ArchiveWriter> {
    return new ArchiveWriter(await PartFile.create(path))
  }

  add(name: string, content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    return this.addChunks(name, bytes.length, [bytes])
  }

  /** @param size  of all `chunks` together. */
  async addChunks(
    name: string,
    size: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    if (this.failure) throw this.failure // it failed between two entries
    const entry = this.tar.entry({ name, size, mode: 0o600 })
    let wake = () => {}
    let isClosed = false
    entry.on('drain', () => wake())
    entry.on('error', () => {}) // write() gets the same error
    const closed = new Promise<void>((resolve) => {
      entry.once('close', () => {
        isClosed = true
        wake()
        resolve()
      })
    })
    for await (const chunk of this.hash.of(name, chunks)) {
      if (isClosed) break
      if (!entry.write(chunk)) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    entry.end(null)
    await closed
    if (this.failure) throw this.failure
  }

  /** @returns the size of the file in bytes. */
  async finish(): Promise<number> {
    this.tar.finalize()
    await this.written
    if (this.failure) throw this.failure
    return this.file.finish()
  }

  async discard(): Promise<void> {
    this.tar.destroy(null)
    await this.written
    await this.file.discard()
  }

  private async write(): Promise<void> {
    try {
      for await (const chunk of this.tar) await this.file.write(chunk as Uint8Array)
    } catch (error) {
      this.failure = error
      this.tar.destroy(null)
    }
  }
}

/**
 * Reads the entries one after another. The caller reads each entry to its end before it takes the next.
 *
 * @throws BackupFailed when the file is no archive, or damaged.
 */
export async function* readEntries(
  path: string,
): AsyncGenerator<{ name: string; chunks: AsyncIterable<Uint8Array> }> {
  const tar = extract()
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES })
  file.on('error', (error) => tar.destroy(error))
  file.pipe(tar as unknown as NodeJS.WritableStream)
  try {
    for await (const entry of readable(path, tar)) {
      yield {
        name: entry.header.name,
        chunks: readable(path, entry as unknown as AsyncIterable<Uint8Array>),
      }
    }
  } finally {
    file.destroy()
    tar.destroy(null)
  }
}

/** Passes the chunks on, and turns errors of the source into sentences. Errors of the consumer pass unchanged. */
async function* readable<T>(path: string, source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source
  } catch (error) {
    const why = describeReadError(error)
    if (why) throw new BackupFailed(`${path} cannot be read: ${why}.`)
    throw new BackupFailed(
      `${path} is damaged or no backup of avocado-server: ${(error as Error).message.replace(/\.$/, '')}.`,
    )
  }
}

/** Reads all of a small entry. */
export async function readEntry(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) throw new BackupFailed(`An entry of the backup is larger than ${maxBytes} bytes.`)
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}
