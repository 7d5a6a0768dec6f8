// Writes a file that gets its name only once it is complete and on disk. It pauses, so that a server on the same disk
// is not slowed down much.

import { closeSync, openSync } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/**
 * The pause after each piece, in milliseconds. With pauses, and a sync every few pieces, the writes of a server on the
 * same disk take up to twice as long; without them, ten times as long.
 */
export const PAUSE_MS = 5
/** The size of a piece, in bytes. */
export const PIECE_BYTES = 1024 * 1024
/** The file is synced after so many pieces. */
export const PIECES_PER_SYNC = 8

/** The name of a file while this process makes it. */
export function partOf(path: string): string {
  return `${path}.${process.pid}.part`
}

/** The path of the copied database while this process makes a backup. */
export function copyOf(path: string): string {
  return `${path}.${process.pid}.database`
}

const LEFTOVER = /^(.+)\.(\d+)\.(?:part|database)(?:-journal|-wal|-shm)?$/

/** Removes unfinished files of processes that have ended, if `belongs` says yes to the name of the finished file. */
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
    return (error as { code?: string }).code === 'EPERM' // it runs as another user
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
    // Synchronously: created in the background, it could appear after a process that ends has removed its files.
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

  /** Gives the file its name, and replaces a file that has it. @returns the size in bytes. */
  async finish(): Promise<number> {
    await this.file.sync()
    await this.file.close()
    await rename(partOf(this.path), this.path)
    await syncFolder(dirname(resolve(this.path)))
    return this.written
  }

  /** Removes the unfinished file. */
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
