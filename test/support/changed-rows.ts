// How many rows each task of the writer changes: what it takes, counted and not timed.

import * as operations from '../../src/server/named-operations'
import { collectWrites } from '../../src/storage/named-operations'
import type { Connection } from '../../src/storage/query'
import { SqliteConnection } from '../../src/storage/sqlite/sqlite-connection'

/** By the names of the writes, the most rows that one of them changed. */
export class ChangedRows {
  readonly most = new Map<string, number>()
  private readonly restore: (() => void)[] = []

  constructor() {
    for (const [name, write] of collectWrites(Object.values(operations))) {
      const { run } = write
      const counted = async (connection: Connection, argument: unknown) => {
        const before = changesOf(connection)
        try {
          return await run(connection, argument)
        } finally {
          const changed = changesOf(connection) - before
          this.most.set(name, Math.max(changed, this.most.get(name) ?? 0))
        }
      }
      Object.assign(write, { run: counted })
      this.restore.push(() => Object.assign(write, { run }))
    }
  }

  /** Those that changed more rows than one may. */
  beyond(limit: number): Record<string, number> {
    return Object.fromEntries([...this.most].filter(([, rows]) => rows > limit))
  }

  [Symbol.dispose](): void {
    for (const undo of this.restore) undo()
  }
}

function changesOf(connection: Connection): number {
  return connection instanceof SqliteConnection ? Number(connection.row('SELECT total_changes()')[0]) : 0
}
