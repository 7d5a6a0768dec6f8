// Contents too large for a row, kept beside the database in `<database>.files/`: each once, under its SHA-256. A file
// is on disk before the row that names it; what no row names is swept.

import { existsSync, readdirSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BadRequest } from '../lib/errors'
import { maskBytes } from '../secrets/mask'
import type { DiskSpaceGuard } from '../storage/disk-space-guard'
import { FrameWriter, readFrames } from './frames'

/** A content as its row has it. */
export interface StoredContent {
  /** SHA-256 of the plain bytes, 64 hexadecimal digits. */
  hash: string
  /** Plain bytes. */
  size: number
  /** Bytes that it takes. */
  storedSize: number
  /** The bytes themselves when they belong into the row; null: they lie in the store. */
  content: Uint8Array | null
}

/** Plain bytes from `start` on, up to `end`, which is not among them. */
export interface ByteRange {
  start: number
  end: number
}

/** Up to this many bytes, a content belongs into its row. */
export const MAX_ROW_BYTES = 16 * 1024

const TEMPORARY = 'temporary'

/** Contents that are on disk, or soon will be, and that no row may name yet. Disposed of when the rows are there. */
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
  /** What the folders below ours take, by their names, as far as they have been looked through. */
  private readonly folderBytes = new Map<string, number>()
  private isMeasured = false
  /** Whether a power cut cannot take the store's own folder any more. */
  private isFolderOnDisk = false

  private constructor(
    private readonly folder: string,
    private readonly room?: DiskSpaceGuard,
  ) {}

  /** Opens the store, made with its first content, and clears what a crash has left half written. */
  static open(folder: string, room?: DiskSpaceGuard): FileStore {
    rmSync(join(folder, TEMPORARY), { recursive: true, force: true })
    return new FileStore(folder, room)
  }

  /** For adding to it beside a server, whose half-written contents stay where they are. */
  static joining(folder: string): FileStore {
    return new FileStore(folder)
  }

  /** For a look beside a server, whose half-written contents stay where they are. */
  static beside(folder: string): Pick<FileStore, 'pathOf' | 'sizeOf' | 'read'> {
    return new FileStore(folder)
  }

  /** For what is of use only while this process runs: emptied at its start. Made by whoever needs it. */
  get temporaryFolder(): string {
    return join(this.folder, TEMPORARY)
  }

  /** Bytes on the disk; undefined until the first sweep, which looks through all of them, has ended. */
  get storedBytes(): number | undefined {
    if (!this.isMeasured) return undefined
    return this.folderBytes.values().reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Protects what `put` stores until its rows are committed: `using hold = store.hold()`. */
  hold(): Hold {
    return new Hold(this.holds)
  }

  /**
   * Stores a content, its secrets masked; a small one is only handed back, for its row. When this returns, the bytes are
   * on disk.
   *
   * @param isMasked  it has no secrets any more.
   * @throws BadRequest when it is larger than `maxBytes`; NoSpace; what `chunks` throws. Nothing is left then.
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
        this.room?.require()
        size += chunk.length
        if (size > maxBytes) throw new BadRequest(`A file is larger than ${maxBytes} bytes.`)
        hasher.update(chunk)
        if (size <= MAX_ROW_BYTES) small.push(chunk)
        else {
          frames ??= await this.writer(small.splice(0))
          await frames.add(chunk)
        }
      }
      const hash = hasher.digest('hex')
      if (!frames) return { hash, size, storedSize: size, content: Buffer.concat(small) }
      const storedSize = await frames.finish()
      await this.place(frames.path, hash, hold)
      return { hash, size, storedSize, content: null }
    } catch (error) {
      await frames?.discard()
      throw error
    }
  }

  /**
   * The plain bytes, unpacked as they are asked for.
   *
   * @param size  as the row has it.
   * @throws when the file is missing.
   */
  read(hash: string, size: number, range: ByteRange = { start: 0, end: size }): ReadableStream<Uint8Array> {
    const path = this.pathOf(hash)
    statSync(path) // now, and not when the head of an answer has gone out
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

  /** Where a content lies, packed, if it is there. */
  pathOf(hash: string): string {
    return join(this.folder, hash.slice(0, 2), hash.slice(2))
  }

  /** The bytes that a content takes in the store; undefined when it is not there. */
  sizeOf(hash: string): number | undefined {
    return statSync(this.pathOf(hash), { throwIfNoEntry: false })?.size
  }

  /**
   * Removes a content unless a row names it, or an import under way has just stored it.
   *
   * @param isNamed  looks into the database when it is called; an answer from before may be outdated.
   * @returns whether it was removed
   */
  remove(hash: string, isNamed: (hash: string) => boolean): boolean {
    // All of this in one step, without an await: an import commits and lets go either before or after it.
    for (const hold of this.holds) if (hold.hashes.has(hash)) return false
    const path = this.pathOf(hash)
    const size = this.sizeOf(hash)
    if (isNamed(hash) || size === undefined) return false
    unlinkSync(path)
    this.grow(hash.slice(0, 2), -size)
    return true
  }

  /** Removes every content that neither a row nor an import under way names. @returns how many those were */
  async sweep(isNamed: (hash: string) => boolean): Promise<number> {
    let removed = 0
    for (const part of existsSync(this.folder) ? await readdir(this.folder) : []) {
      if (!/^[0-9a-f]{2}$/.test(part)) continue
      const hashes = (await readdir(join(this.folder, part)))
        .filter((rest) => /^[0-9a-f]{62}$/.test(rest))
        .map((rest) => part + rest)
      for (const hash of hashes) if (this.remove(hash, isNamed)) removed++
      this.measure(part)
    }
    this.isMeasured = true
    return removed
  }

  private measure(part: string): void {
    // Listed once more, without an await: since the listing before, an import may have put something there.
    const sizes = readdirSync(join(this.folder, part)).map((rest) => this.sizeOf(part + rest) ?? 0)
    this.folderBytes.set(
      part,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }

  /** Right also where the first sweep has not come yet: it measures a folder anew, unless that was not there before. */
  private grow(part: string, bytes: number): void {
    this.folderBytes.set(part, (this.folderBytes.get(part) ?? 0) + bytes)
  }

  private async writer(begun: Uint8Array[]): Promise<FrameWriter> {
    await mkdir(this.temporaryFolder, { recursive: true, mode: 0o700 })
    const frames = await FrameWriter.create(join(this.temporaryFolder, crypto.randomUUID()))
    for (const chunk of begun) await frames.add(chunk)
    return frames
  }

  private async place(temporary: string, hash: string, hold: Hold): Promise<void> {
    hold.hashes.add(hash) // before the look, so that what is there stays there
    const path = this.pathOf(hash)
    const folder = join(this.folder, hash.slice(0, 2))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // The look and the renaming without an await in between: of two imports of the same content, one counts it.
    if (existsSync(path)) unlinkSync(temporary)
    else {
      const { size } = statSync(temporary)
      renameSync(temporary, path)
      this.grow(hash.slice(0, 2), size)
    }
    // Also when it was there: whoever put it there may still be about to do this.
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
