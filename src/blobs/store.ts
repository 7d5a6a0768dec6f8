// The blob store: file contents too large for a row, in `<database>.files/`, each once under its SHA-256. A file is on
// disk before the row that refers to it. A sweep deletes files without a row.

import { existsSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BadRequest } from '../lib/errors'
import { maskBytes } from '../secrets/mask'
import type { DiskSpaceGuard } from '../storage/disk-space-guard'
import { FrameWriter, readFrames } from './frames'

/** A content in the form of its row. */
export interface StoredContent {
  /** SHA-256 of the uncompressed bytes, 64 hexadecimal digits. */
  hash: string
  /** Uncompressed size in bytes. */
  size: number
  /** Size on disk in bytes. */
  storedSize: number
  /** The bytes of a small content, for its row; null: the store has them. */
  content: Uint8Array | null
}

/** Uncompressed bytes from `start` to before `end`. */
export interface ByteRange {
  start: number
  end: number
}

/** A content of up to this many bytes is stored in its row. */
export const MAX_ROW_BYTES = 16 * 1024

const TEMPORARY = 'temporary'

/** Protects contents whose rows are not committed yet from removal. It is disposed of after the commit. */
export class Hold {
  readonly hashes = new Set<string>()

  constructor(private readonly holds: Set<Hold>) {
    holds.add(this)
  }

  [Symbol.dispose](): void {
    this.holds.delete(this)
  }
}

export class FileStore {
  private readonly holds = new Set<Hold>()
  /** Contents that remove() looks up. An import that stores one takes it out. */
  private readonly removing = new Set<string>()
  /** The bytes in each subfolder that has been measured, by its name. */
  private readonly folderBytes = new Map<string, number>()
  private isMeasured = false
  /** Whether the store's own folder is synced, so that a power cut cannot lose it. */
  private isFolderOnDisk = false

  private constructor(
    private readonly folder: string,
    private readonly diskSpace?: DiskSpaceGuard,
  ) {}

  /** Opens the store and deletes unfinished files that a crash left. The first content creates the folder. */
  static open(folder: string, room?: DiskSpaceGuard): FileStore {
    rmSync(join(folder, TEMPORARY), { recursive: true, force: true })
    return new FileStore(folder, room)
  }

  /** Opens the store to add contents while a server runs. It leaves the server's unfinished files alone. */
  static openShared(folder: string): FileStore {
    return new FileStore(folder)
  }

  /** Opens the store to read while a server runs. It leaves the server's unfinished files alone. */
  static openReadOnly(folder: string): Pick<FileStore, 'pathOf' | 'sizeOf' | 'read'> {
    return new FileStore(folder)
  }

  /** A folder for temporary files, emptied when the server starts. Its users create it. */
  get temporaryFolder(): string {
    return join(this.folder, TEMPORARY)
  }

  /** Bytes on the disk; undefined until the first sweep has measured all files. */
  get storedBytes(): number | undefined {
    if (!this.isMeasured) return undefined
    return this.folderBytes.values().reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Protects what `put` stores until its rows are committed: `using hold = store.hold()`. */
  hold(): Hold {
    return new Hold(this.holds)
  }

  /**
   * Masks the secrets of a content and stores it. When this returns, the bytes are on disk. A small content is not
   * stored: it is returned for its row.
   *
   * @param isMasked  the secrets are masked already.
   * @throws BadRequest when it is larger than `maxBytes`; NoSpace; what `chunks` throws. Then nothing is stored.
   */
  async put(
    chunks: AsyncIterable<Uint8Array>,
    maxBytes: number,
    hold: Hold,
    { isMasked = false } = {},
  ): Promise<StoredContent> {
    const hasher = new Bun.CryptoHasher('sha256')
    const small: Uint8Array[] = []
    let size = 0
    let frames: FrameWriter | undefined
    try {
      for await (const chunk of isMasked ? chunks : maskBytes(chunks)) {
        this.diskSpace?.require()
        size += chunk.length
        if (size > maxBytes) throw new BadRequest(`A file is larger than ${maxBytes} bytes.`)
        hasher.update(chunk)
        if (size <= MAX_ROW_BYTES) small.push(chunk)
        else {
          frames ??= await this.createWriter(small.splice(0))
          await frames.add(chunk)
        }
      }
      const hash = hasher.digest('hex')
      if (!frames) return { hash, size, storedSize: size, content: Buffer.concat(small) }
      const storedSize = await frames.finish()
      await this.moveIntoPlace(frames.path, hash, hold)
      return { hash, size, storedSize, content: null }
    } catch (error) {
      await frames?.discard()
      throw error
    }
  }

  /**
   * The uncompressed bytes, decompressed as they are read.
   *
   * @param size  from the row.
   * @throws when the file is missing.
   */
  read(hash: string, size: number, range: ByteRange = { start: 0, end: size }): ReadableStream<Uint8Array> {
    const path = this.pathOf(hash)
    statSync(path) // throws here, before the headers of an answer are sent
    const frames = readFrames(path, size, range)
    return new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await frames.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await frames.return(undefined)
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** The path of a content's compressed file, whether or not it exists. */
  pathOf(hash: string): string {
    return join(this.folder, hash.slice(0, 2), hash.slice(2))
  }

  /** The size of a content's file; undefined when it does not exist. */
  sizeOf(hash: string): number | undefined {
    return statSync(this.pathOf(hash), { throwIfNoEntry: false })?.size
  }

  /**
   * Removes a content unless a row refers to it or an unfinished import has stored it.
   *
   * @param isReferenced  queries the database when it is called, because an earlier result may be outdated.
   * @returns whether it was removed
   */
  async remove(hash: string, isReferenced: (hash: string) => Promise<boolean>): Promise<boolean> {
    for (const hold of this.holds) if (hold.hashes.has(hash)) return false
    this.removing.add(hash)
    const isUsed = await isReferenced(hash)
    // An import that stored the content again meanwhile has taken it out of the set.
    const isOurs = this.removing.delete(hash)
    const size = this.sizeOf(hash)
    if (isUsed || !isOurs || size === undefined) return false
    unlinkSync(this.pathOf(hash))
    this.addBytes(hash.slice(0, 2), -size)
    return true
  }

  /** Removes every content that no row and no unfinished import refers to. @returns how many it removed */
  async sweep(isReferenced: (hash: string) => Promise<boolean>): Promise<number> {
    let removed = 0
    for (const part of existsSync(this.folder) ? await readdir(this.folder) : []) {
      if (!/^[0-9a-f]{2}$/.test(part)) continue
      const hashes = (await readdir(join(this.folder, part)))
        .filter((rest) => /^[0-9a-f]{62}$/.test(rest))
        .map((rest) => part + rest)
      for (const hash of hashes) if (await this.remove(hash, isReferenced)) removed++
      this.measure(part)
    }
    this.isMeasured = true
    return removed
  }

  private measure(part: string): void {
    // Lists the folder again, without an await, because an import may have added files since the last listing.
    const sizes = readdirSync(join(this.folder, part)).map((rest) => this.sizeOf(part + rest) ?? 0)
    this.folderBytes.set(
      part,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }

  /** This is right before the first sweep, too: the sweep then measures the folder anew. */
  private addBytes(part: string, bytes: number): void {
    this.folderBytes.set(part, (this.folderBytes.get(part) ?? 0) + bytes)
  }

  private async createWriter(chunks: Uint8Array[]): Promise<FrameWriter> {
    await mkdir(this.temporaryFolder, { recursive: true, mode: 0o700 })
    const frames = await FrameWriter.create(join(this.temporaryFolder, crypto.randomUUID()))
    for (const chunk of chunks) await frames.add(chunk)
    return frames
  }

  private async moveIntoPlace(temporary: string, hash: string, hold: Hold): Promise<void> {
    hold.hashes.add(hash) // before existsSync(), so that an existing file is not removed
    this.removing.delete(hash)
    const path = this.pathOf(hash)
    const folder = join(this.folder, hash.slice(0, 2))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // No await between existsSync() and renameSync(): if two imports store the same content, only one counts it.
    if (existsSync(path)) unlinkSync(temporary)
    else {
      const { size } = statSync(temporary)
      renameSync(temporary, path)
      this.addBytes(hash.slice(0, 2), size)
    }
    // Syncs also for an existing file: the import that added it may not have synced the folder yet.
    await syncFolder(folder)
    await syncFolder(this.folder)
    if (this.isFolderOnDisk) return
    await syncFolder(dirname(this.folder))
    this.isFolderOnDisk = true
  }
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
