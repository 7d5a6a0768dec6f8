// Metrics of the database: its commits, waiting writes and size.

import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { counter, gauge, histogram, type Metric, one } from '../lib/metrics'
import type { Database } from './database'
import { freeBytesIn } from './disk-space-guard'

export function storageMetrics({ database }: { database: Database }): Metric[] {
  const { commits } = database
  return [
    histogram(
      { name: 'avocado_commit_changes', help: 'Changes that shared a commit.' },
      one(() => commits.changes),
    ),
    histogram(
      {
        name: 'avocado_commit_duration_seconds',
        help: 'From the beginning of a transaction until it was on disk.',
      },
      one(() => commits.seconds),
    ),
    histogram(
      { name: 'avocado_commit_disk_seconds', help: 'The part of a commit that waited for the disk.' },
      one(() => commits.diskSeconds),
    ),
    counter(
      {
        name: 'avocado_commit_failures_total',
        help: 'Transactions that could not begin, or were lost as a whole: look at the log.',
      },
      one(() => commits.failures),
    ),
    gauge(
      { name: 'avocado_waiting_writes', help: 'Changes that were asked for and are not on disk.' },
      one(() => database.waitingWrites.count),
    ),
    gauge(
      { name: 'avocado_waiting_writes_oldest_seconds', help: 'How long the first of them has been waiting.' },
      one(() => database.waitingWrites.seconds),
    ),
    gauge(
      { name: 'avocado_database_bytes', help: 'The database file.' },
      one(() => sizeOf(database.path)),
    ),
    gauge(
      { name: 'avocado_wal_bytes', help: 'What has not been moved into the database file yet.' },
      one(() => sizeOf(`${database.path}-wal`)),
    ),
    gauge(
      { name: 'avocado_disk_free_bytes', help: 'Room on the disk of the database.' },
      one(() => freeBytesIn(dirname(resolve(database.path)))),
    ),
  ]
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
