// Who made the last commit: a server whose writer has a thread of its own sees a commit in the file before it hears of
// it, and has to tell it from another process's.

import type { Database } from 'bun:sqlite'

export function up(database: Database): void {
  database.run('ALTER TABLE change ADD COLUMN writer INTEGER NOT NULL DEFAULT 0') // random, of one run of a program
}
