// Adds the writer of the last commit. A server whose writer runs on another thread sees a commit in the file before the
// writer reports it, and must tell it from a commit of another process.

import type { Database } from 'bun:sqlite'

export function up(database: Database): void {
  database.run('ALTER TABLE change ADD COLUMN writer INTEGER NOT NULL DEFAULT 0') // random, of one run of a program
}
