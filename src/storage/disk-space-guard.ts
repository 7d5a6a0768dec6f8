// Whether the disk has room: what would make the data grow is refused before the disk is full, since a full one can
// not even be tidied up.

import { statfsSync } from 'node:fs'
import type { Logger } from 'pino'
import { NoSpace } from '../lib/errors'

/** For how long an answer of the system holds, in milliseconds. */
const LOOK_EVERY_MS = 1000

export class DiskSpaceGuard {
  private lookedAt = Number.NEGATIVE_INFINITY
  private freeBytes = 0
  private isLow = false

  /** @param minFreeBytes  of the disk that `folder` is on; 0: it is never asked. */
  constructor(
    private readonly folder: string,
    private readonly minFreeBytes: number,
    private readonly log: Logger,
    private readonly freeBytesOf = freeBytesIn,
  ) {}

  /** To be called, however often, before anything is written that makes the data grow. @throws NoSpace */
  require(): void {
    const shortage = this.shortage()
    if (shortage === undefined) return
    const detail = `${shortage} Nothing was stored. Make room there, then send it again.`
    throw new NoSpace(detail)
  }

  /** Why nothing can be stored, in a sentence; undefined: there is room. */
  shortage(): string | undefined {
    if (this.minFreeBytes === 0) return undefined
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) this.look()
    if (!this.isLow) return undefined
    const free = `${inMiB(this.freeBytes)} are free in ${this.folder}, and ${inMiB(this.minFreeBytes)} are kept free`
    return `The disk of the server is nearly full: ${free} (--min-free).`
  }

  private look(): void {
    const { folder, minFreeBytes } = this
    this.freeBytes = this.freeBytesOf(folder)
    this.lookedAt = performance.now()
    const isLow = this.freeBytes < minFreeBytes
    if (isLow === this.isLow) return
    this.isLow = isLow
    const numbers = { folder, free: this.freeBytes, minFree: minFreeBytes }
    if (isLow) this.log.error(numbers, 'the disk is nearly full: nothing is stored until there is room')
    else this.log.info(numbers, 'the disk has room again')
  }
}

/** For a user who is not root, who has a part of the disk for himself. */
export function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function inMiB(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`
}
