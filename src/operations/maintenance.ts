// What a server does by itself while it serves: it looks for jobs that have fallen silent, shortens the audit log, makes
// backups, and removes files that nothing names.

import type { Logger } from 'pino'
import { forgetEntries } from '../audit/queries'
import type { FileStore } from '../blobs/store'
import { now } from '../lib/clock'
import { sweepFiles } from '../results/files/sweep'
import { silenceJobs } from '../results/jobs/silence'
import type { Database } from '../storage/database'
import { ScheduledBackups } from './backups/scheduled'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY = 86_400 * 1_000_000
/** How long stopping waits for the sweep of files, which the next start does again. */
const SWEEP_END_MS = 1000

interface MaintenanceSettings {
  /** The file. */
  database: string
  /** How long entries of the audit log are kept. */
  auditDays: number
  /** The folder for scheduled backups; undefined: none are made. */
  backupTo: string | undefined
  backupEvery: number
  backupKeep: number
}

interface Kept {
  database: Database
  files: FileStore
  log: Logger
}

export class Upkeep {
  private readonly timers: NodeJS.Timeout[]
  private readonly backups: ScheduledBackups | undefined
  private readonly swept: Promise<unknown>

  constructor(
    private readonly kept: Kept,
    private readonly settings: MaintenanceSettings,
  ) {
    const { database, files, log } = kept
    this.timers = [
      setInterval(() => this.silence(), MINUTE_MS),
      setInterval(() => this.shortenAudit(), HOUR_MS),
    ]
    for (const timer of this.timers) timer.unref()
    this.shortenAudit()
    this.swept = sweepFiles({ database, files }).catch((error) =>
      this.warn(error, 'files that nothing names were not removed'),
    )
    const { database: path, backupTo: folder, backupEvery: every, backupKeep: keep } = settings
    if (folder !== undefined) this.backups = new ScheduledBackups({ path, folder, every, keep }, log)
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    await this.backups?.stop()
    // unref(), or the process would stay for the timer when the sweep has long ended.
    const late = new Promise<void>((resolve) => setTimeout(resolve, SWEEP_END_MS).unref())
    await Promise.race([this.swept, late])
  }

  /** Jobs that nothing was heard of are running no more. */
  private async silence(): Promise<void> {
    try {
      while ((await this.kept.database.write(silenceJobs, { now: now() })).more);
    } catch (error) {
      this.warn(error, 'jobs were not looked through')
    }
  }

  /** Some entries at a time. */
  private async shortenAudit(): Promise<void> {
    const before = now() - this.settings.auditDays * DAY
    try {
      while (!(await this.kept.database.write(forgetEntries, { before })));
    } catch (error) {
      this.warn(error, 'the audit log was not shortened')
    }
  }

  /** Unless it was cut off because the server stops. */
  private warn(error: unknown, sentence: string): void {
    if (!this.kept.database.closed) this.kept.log.warn({ err: error }, sentence)
  }
}
