// `heard_at` was added to 0001-initial when there were databases of it already. Theirs had no such column, whatever
// they have been upgraded to since, and no job could be stored in them.

import type { Database } from 'bun:sqlite'

export function up(database: Database): void {
  using lookUp = database.prepare("SELECT 1 FROM pragma_table_info('job') WHERE name = 'heard_at'")
  if (lookUp.get()) return
  database.run('ALTER TABLE job ADD COLUMN heard_at INTEGER NOT NULL DEFAULT 0')
  database.run('UPDATE job SET heard_at = received_at')
}
