// Adds `heard_at` where it is missing. The column was added to 0001-initial after some databases had been created. They
// did not have it after later upgrades either, so they could not store jobs.

import type { Database } from 'bun:sqlite'
import type { Costs } from './costs'

export const costs: Costs = { job: { microseconds: 5, bytes: 150, temporaryBytes: 0 } }

export function up(database: Database): void {
  using lookUp = database.prepare("SELECT 1 FROM pragma_table_info('job') WHERE name = 'heard_at'")
  if (lookUp.get()) return
  database.run('ALTER TABLE job ADD COLUMN heard_at INTEGER NOT NULL DEFAULT 0')
  database.run('UPDATE job SET heard_at = received_at')
}
