// Whether the disk has room: a write is refused before it is full, and a full one is told from other failures.

import { SQLiteError } from 'bun:sqlite'
import { statfsSync } from 'node:fs'

/** How the system, bun:sqlite and node:sqlite name a full disk. */
const NO_ROOM = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT'])
const NODE_SQLITE_FULL = 13

export function isOutOfRoom(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (error instanceof SQLiteError) return error.code === 'SQLITE_FULL'
  return (typeof code === 'string' && NO_ROOM.has(code)) || errcode === NODE_SQLITE_FULL
}

/** What is to be kept free would not be: nothing is written until there is room again. */
export class RoomLow extends Error {
  constructor(
    readonly folder: string,
    readonly freeBytes: number,
    readonly minFreeBytes: number,
  ) {
    super(`${freeBytes} bytes are free in ${folder}, ${minFreeBytes} are to be kept free`)
  }
}

/** For how long an answer of the system holds, in milliseconds. */
const LOOK_EVERY_MS = 1000

export class Room {
  private lookedAt = Number.NEGATIVE_INFINITY
  private freeBytes = 0

  /** @param minFreeBytes  of the disk that `folder` is on; 0: it is never asked. */
  constructor(
    private readonly folder: string,
    private readonly minFreeBytes: number,
    private readonly freeBytesOf = freeBytesIn,
  ) {}

  /** To be called before anything is written that makes the data grow, at any pace. @throws RoomLow */
  require(): void {
    if (this.minFreeBytes === 0) return
    const now = performance.now()
    if (now - this.lookedAt >= LOOK_EVERY_MS) {
      this.freeBytes = this.freeBytesOf(this.folder)
      this.lookedAt = now
    }
    if (this.freeBytes < this.minFreeBytes) throw new RoomLow(this.folder, this.freeBytes, this.minFreeBytes)
  }
}

/** For a user who is not root, who has a part of the disk for himself. */
function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
