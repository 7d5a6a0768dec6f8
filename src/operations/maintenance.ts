// Runs the maintenance tasks of all features while a server serves.

import type { Feature, MaintenanceTask } from '../http/feature'
import type { ServerParts } from '../http/services'
import type { MaintenanceSettings } from '../lib/server-settings'

/** How long a stop waits for a task that may be interrupted. */
const STOP_WAIT_MS = 1000

export class Maintenance<Services extends Pick<ServerParts, 'database' | 'log'>> {
  private readonly timers: NodeJS.Timeout[] = []
  private readonly running = new Map<MaintenanceTask<Services>, Promise<void>>()
  private readonly stopping = new AbortController()

  constructor(
    private readonly services: Services,
    private readonly settings: MaintenanceSettings,
    features: readonly Feature<Services>[],
  ) {
    for (const task of features.flatMap(({ tasks = [] }) => tasks)) {
      if (task.everyMs !== undefined)
        this.timers.push(setInterval(() => this.run(task), task.everyMs).unref())
      if (task.atStart) this.run(task)
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    this.stopping.abort()
    // Without unref() the process would wait for the timer after the tasks have ended.
    const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_WAIT_MS).unref())
    await Promise.all(
      [...this.running].map(([task, end]) => (task.mustEnd ? end : Promise.race([end, late]))),
    )
  }

  private run(task: MaintenanceTask<Services>): void {
    if (this.running.has(task)) return
    const end = task
      .run(this.services, this.settings, this.stopping.signal)
      .catch((error) => this.warn(error, task))
      .finally(() => this.running.delete(task))
    this.running.set(task, end)
  }

  /** Logs a failed task, unless it failed only because the server has stopped and closed the database. */
  private warn(error: unknown, { name, failure }: MaintenanceTask<Services>): void {
    const { database, log } = this.services
    if (!database.closed) log.warn({ err: error, task: name }, failure)
  }
}
