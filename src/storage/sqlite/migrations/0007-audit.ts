// Adds the audit log, and roles of tokens. Before, each token had all rights of its user.

import type { Database } from 'bun:sqlite'

const steps = `
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- the order in which it happened; a clock may step back
  at INTEGER NOT NULL,
  until INTEGER NOT NULL,                   -- of what happened several times: when it did last
  times INTEGER NOT NULL,
  user INTEGER,                             -- no reference: a row outlives what it tells of. NULL: no user
  name TEXT NOT NULL,                       -- of the user at that time
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit(at);                -- what is too old
CREATE INDEX audit_by_action ON audit(action, at);      -- refused sign-ins of the last hour

ALTER TABLE token ADD COLUMN role TEXT NOT NULL DEFAULT 'reader';
UPDATE token SET role = (SELECT role FROM user WHERE user.id = token.user);
`

export function up(database: Database): void {
  database.run(steps)
}
