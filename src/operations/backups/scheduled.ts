// Scheduled backups. A child process makes each one, by the command `backup`. The oldest are removed.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Logger } from 'pino'
import { now } from '../../lib/clock'
import type { MaintenanceSettings } from '../../lib/server-settings'
import type { Microseconds } from '../../lib/time'
import { removeLeftovers } from './part-file'

interface Schedule {
  /** Of the database. */
  path: string
  folder: string
  every: Microseconds
  /** How many stay. */
  keep: number
}

/** The longest timer, in milliseconds: the clock may be set and the machine may sleep, so the time is checked this often. */
const LOOK_EVERY_MS = 3_600_000

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar$/

/** Makes backups until `stop` is aborted. @returns when no backup is under way any more. */
export async function keepBackups(
  { log }: { log: Logger },
  { database: path, backupTo: folder, backupEvery: every, backupKeep: keep }: MaintenanceSettings,
  stop: AbortSignal,
): Promise<void> {
  if (folder === undefined) return
  const backups = new ScheduledBackups({ path, folder, every, keep }, log)
  await new Promise((resolve) => stop.addEventListener('abort', resolve))
  await backups.stop()
}

class ScheduledBackups {
  private timer: NodeJS.Timeout | undefined
  private child: Bun.Subprocess<'ignore', 'pipe', 'pipe'> | undefined
  private turn: Promise<void> = Promise.resolve()
  private attemptedAt = Number.NEGATIVE_INFINITY
  private stopped = false

  constructor(
    private readonly schedule: Schedule,
    private readonly log: Logger,
  ) {
    this.look()
  }

  /** Ends a backup that is under way, and leaves nothing of it. */
  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    this.child?.kill()
    await this.turn
  }

  private look(): void {
    const waitMs = this.waitMs()
    if (waitMs > 0) {
      this.timer = setTimeout(() => this.look(), Math.min(waitMs, LOOK_EVERY_MS))
      this.timer.unref()
      return
    }
    this.attemptedAt = now()
    this.turn = this.make()
      .catch((error) => this.log.error({ err: error }, 'no backup was made'))
      .then(() => {
        if (!this.stopped) this.look()
      })
  }

  /** How long until the next one. The clock may have been set back since the last one: then its time lies ahead. */
  private waitMs(): number {
    const { every } = this.schedule
    const newest = timeOf(this.made().at(-1), this.prefix)
    const last = Math.max(newest, this.attemptedAt)
    return Math.min(every, last + every - now()) / 1000
  }

  private async make(): Promise<void> {
    const { path, folder, every, keep } = this.schedule
    await removeLeftovers(folder, (name) => Number.isFinite(timeOf(name, this.prefix)))
    const time = new Date(now() / 1000).toISOString().replace(/[-:]|\.\d+/g, '')
    const file = join(folder, `${this.prefix}${time}.tar`)
    const child = Bun.spawn([...ownCommand(), 'backup', file, '--database', path], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    this.child = child
    const [said, complaint] = await Promise.all([child.stdout.text(), child.stderr.text()])
    const code = await child.exited
    this.child = undefined
    if (this.stopped) return
    if (code !== 0) {
      const again = new Date((now() + every) / 1000).toISOString()
      this.log.error({ file, reason: complaint.trim(), again }, 'no backup was made')
      return
    }
    if (complaint !== '') this.log.warn({ file, reason: complaint.trim() }, 'the backup is not complete')
    this.log.info({ file }, `backed up to ${said.trim()}`)
    for (const name of this.made().slice(0, -keep)) rmSync(join(folder, name), { force: true })
  }

  /** The beginning of the names of this server's backups, because several servers may share a folder. */
  private get prefix(): string {
    return `${basename(this.schedule.path).replace(/\.sqlite$/, '')}-`
  }

  /** The names of the backups in the folder, the oldest first. None while its disk is not mounted. */
  private made(): string[] {
    const { folder } = this.schedule
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((name) => Number.isFinite(timeOf(name, this.prefix)))
      .sort()
  }
}

/** The time in the name of a backup. -Infinity for any other name. */
function timeOf(name: string | undefined, prefix: string): Microseconds {
  const match = name?.startsWith(prefix) && NAME.exec(name.slice(prefix.length))
  if (!match) return Number.NEGATIVE_INFINITY
  const [, year, month, ...rest] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return Date.UTC(year, month - 1, ...rest) * 1000
}

/** This program: the executable, or Bun with the sources. */
function ownCommand(): string[] {
  return Bun.main.startsWith('/$bunfs/') ? [process.execPath] : [process.execPath, Bun.main]
}
