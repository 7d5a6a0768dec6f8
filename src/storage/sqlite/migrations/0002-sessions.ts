// Adds sessions of signed-in browsers.

import type { Database } from 'bun:sqlite'

export function up(database: Database): void {
  database.run(`
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE,                -- SHA-256 of the secret in the cookie, which itself is not kept
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT`)
  database.run('CREATE INDEX session_user ON session(user)')
}
