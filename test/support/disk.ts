// A disk of a few MiB that a test can fill: a tmpfs of its own.

import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `using disk = new SmallDisk(8)` unmounts it at the end: end what has files open there before. */
export class SmallDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'avocado-disk-'))

  /** @throws Error that says what is missing, when this user may not mount. */
  constructor(mebibytes: number) {
    this.mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs')
  }

  /** Takes all the room that is left. */
  fill(): void {
    const block = Buffer.alloc(4096)
    try {
      for (;;) writeFileSync(this.ballast, block, { flag: 'a' })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error
    }
  }

  /** Gives back what fill() took. */
  makeRoom(): void {
    rmSync(this.ballast)
  }

  resize(mebibytes: number): void {
    this.mount('-o', `remount,size=${mebibytes}m`)
  }

  /** Lets nobody write any more. Possible while no file is open for writing. */
  makeReadOnly(): void {
    this.mount('-o', 'remount,ro')
  }

  [Symbol.dispose](): void {
    Bun.spawnSync(['umount', '--lazy', this.path])
    rmdirSync(this.path)
  }

  private get ballast(): string {
    return join(this.path, 'ballast')
  }

  private mount(...options: string[]): void {
    const { exitCode, stderr } = Bun.spawnSync(['mount', ...options, this.path], { stderr: 'pipe' })
    if (exitCode === 0) return
    throw new Error(
      `This test mounts a tmpfs: run it as a user who may, such as root. (${String(stderr).trim()})`,
    )
  }
}
