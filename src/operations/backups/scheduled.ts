// Makes scheduled backups: a child process runs the command `backup`. Then the oldest backups are removed.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Logger } from 'pino'
import { now } from '../../lib/clock'
import type { MaintenanceSettings } from '../../lib/server-settings'
import type { Microseconds } from '../../lib/time'
import { removeLeftovers } from './part-file'

interface Schedule {
  /** The database. */
  path: string
  folder: string
  every: Microseconds
  /** How many backups stay. */
  keep: number
}

/** The time is checked at least this often, in milliseconds, because the clock may be set and the machine may sleep. */
const MAX_TIMER_MS = 3_600_000

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar$/

/** Makes backups until `stop` is aborted. Resolves when no backup is running any more. */
export async function runScheduledBackups(
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
  private running: Promise<void> = Promise.resolve()
  private attemptedAt = Number.NEGATIVE_INFINITY
  private stopped = false

  constructor(
    private readonly schedule: Schedule,
    private readonly log: Logger,
  ) {
    this.scheduleNext()
  }

  /** Ends a running backup and leaves nothing of it. */
  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    this.child?.kill()
    await this.running
  }

  private scheduleNext(): void {
    const waitMs = this.waitMs()
    if (waitMs > 0) {
      this.timer = setTimeout(() => this.scheduleNext(), Math.min(waitMs, MAX_TIMER_MS))
      this.timer.unref()
      return
    }
    this.attemptedAt = now()
    this.running = this.make()
      .catch((error) => this.log.error({ err: error }, 'no backup was made'))
      .then(() => {
        if (!this.stopped) this.scheduleNext()
      })
  }

  /** The time until the next backup. If the clock was set back since the last one, that one's time is in the future. */
  private waitMs(): number {
    const { every } = this.schedule
    const newest = timeOf(this.list().at(-1), this.prefix)
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
    const [output, errors] = await Promise.all([child.stdout.text(), child.stderr.text()])
    const code = await child.exited
    this.child = undefined
    if (this.stopped) return
    if (code !== 0) {
      const again = new Date((now() + every) / 1000).toISOString()
      this.log.error({ file, reason: errors.trim(), again }, 'no backup was made')
      return
    }
    if (errors !== '') this.log.warn({ file, reason: errors.trim() }, 'the backup is not complete')
    this.log.info({ file }, `backed up to ${output.trim()}`)
    for (const name of this.list().slice(0, -keep)) rmSync(join(folder, name), { force: true })
  }

  /** The prefix of this server's backups, because several servers may share a folder. */
  private get prefix(): string {
    return `${basename(this.schedule.path).replace(/\.sqlite$/, '')}-`
  }

  /** The names of the backups in the folder, the oldest first. Empty while its disk is not mounted. */
  private list(): string[] {
    const { folder } = this.schedule
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((name) => Number.isFinite(timeOf(name, this.prefix)))
      .sort()
  }
}

/** The time in the name of a backup; -Infinity for any other name. */
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

/** The command that runs this program: the executable, or Bun with the sources. */
function ownCommand(): string[] {
  return Bun.main.startsWith('/$bunfs/') ? [process.execPath] : [process.execPath, Bun.main]
}
