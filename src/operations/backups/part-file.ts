// A file that has its name only when it is whole and on disk, written no faster than a server beside it can bear.

import { closeSync, openSync } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/**
 * What a writing process gives others between two pieces, in milliseconds. With it, and with the disk asked to write
 * every few pieces and not at the end, the writes of a server beside it wait twice as long as else at most; without,
 * ten times as long.
 */
export const PAUSE_MS = 5
/** A piece, in bytes. */
export const PIECE_BYTES = 1024 * 1024
/** After so many pieces the disk is waited for. */
export const PIECES_PER_SYNC = 8

/** What a file is called while this process makes it. */
export function partOf(path: string): string {
  return `${path}.${process.pid}.part`
}

/** Where the database of a backup is copied to while this process makes it. */
export function copyOf(path: string): string {
  return `${path}.${process.pid}.database`
}

const LEFTOVER = /^(.+)\.(\d+)\.(?:part|database)(?:-journal|-wal|-shm)?$/

/** Removes what processes that are gone have left of files that they were making: those whose name `belongs`. */
export async function removeLeftovers(folder: string, belongs: (name: string) => boolean): Promise<void> {
  for (const left of await readdir(folder)) {
    const [, name = '', pid] = LEFTOVER.exec(left) ?? []
    if (pid && belongs(name) && !isRunning(Number(pid))) await rm(join(folder, left), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM' // it is somebody else's
  }
}

export class PartFile {
  private written = 0
  private pieces = 0

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  static async create(path: string): Promise<PartFile> {
    // At once: made in the background, it could appear behind the back of whoever has just tidied up to leave.
    closeSync(openSync(partOf(path), 'wx', 0o600))
    return new PartFile(path, await open(partOf(path), 'r+'))
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await this.file.write(bytes, at, bytes.length - at)).bytesWritten
    }
    this.written += bytes.length
    if (this.written < (this.pieces + 1) * PIECE_BYTES) return
    this.pieces = Math.floor(this.written / PIECE_BYTES)
    if (this.pieces % PIECES_PER_SYNC === 0) await this.file.datasync()
    await Bun.sleep(PAUSE_MS)
  }

  /** Gives the file its name, in place of what had it. @returns the bytes of it */
  async finish(): Promise<number> {
    await this.file.sync()
    await this.file.close()
    await rename(partOf(this.path), this.path)
    await syncFolder(dirname(resolve(this.path)))
    return this.written
  }

  /** Leaves nothing behind of what is not finished. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {}) // it may be closed already
    await rm(partOf(this.path), { force: true })
  }
}

/** Waits until the names in a folder are on disk. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
