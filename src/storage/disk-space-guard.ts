// Checks the free space of the disk. Requests that store data are refused before the disk is full, because on a full
// disk not even a deletion is possible.

import { statfsSync } from 'node:fs'
import type { Logger } from 'pino'
import { NoSpace } from '../lib/errors'

/** How often the free space is looked up at most, in milliseconds. */
const CHECK_INTERVAL_MS = 1000

export class DiskSpaceGuard {
  private checkedAt = Number.NEGATIVE_INFINITY
  private freeBytes = 0
  private isLow = false

  /** @param minFreeBytes  how much must stay free on the disk of `folder`; 0: no check. */
  constructor(
    private readonly folder: string,
    private readonly minFreeBytes: number,
    private readonly log: Logger,
    private readonly freeBytesOf = freeBytesIn,
  ) {}

  /** Call it before every write that makes the data grow. It is cheap. @throws NoSpace */
  require(): void {
    const shortage = this.shortage()
    if (shortage === undefined) return
    const detail = `${shortage} Nothing was stored. Make room there, then send it again.`
    throw new NoSpace(detail)
  }

  /** A sentence that says why nothing can be stored; undefined: there is enough space. */
  shortage(): string | undefined {
    if (this.minFreeBytes === 0) return undefined
    if (performance.now() - this.checkedAt >= CHECK_INTERVAL_MS) this.check()
    if (!this.isLow) return undefined
    const free = `${inMiB(this.freeBytes)} are free in ${this.folder}, and ${inMiB(this.minFreeBytes)} are kept free`
    return `The disk of the server is nearly full: ${free} (--min-free).`
  }

  private check(): void {
    const { folder, minFreeBytes } = this
    this.freeBytes = this.freeBytesOf(folder)
    this.checkedAt = performance.now()
    const isLow = this.freeBytes < minFreeBytes
    if (isLow === this.isLow) return
    this.isLow = isLow
    const numbers = { folder, free: this.freeBytes, minFree: minFreeBytes }
    if (isLow) this.log.error(numbers, 'the disk is nearly full: nothing is stored until there is room')
    else this.log.info(numbers, 'the disk has room again')
  }
}

/** The free space for users other than root, for whom the system reserves a part of the disk. */
export function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function inMiB(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`
}
