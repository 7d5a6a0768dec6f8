// What people say about failures: comments, and who looks into them.

import type { Database } from 'bun:sqlite'

const steps = `
CREATE TABLE comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice
  kind TEXT NOT NULL,                       -- what it is about: failure, regression, cluster
  target INTEGER NOT NULL,                  -- the id of the test, the regression or the template
  test INTEGER REFERENCES test(id) ON DELETE CASCADE, -- of a failure: the same
  user INTEGER NOT NULL REFERENCES user(id),
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER,                       -- NULL: never
  known_issue INTEGER REFERENCES known_issue(id) ON DELETE SET NULL -- that its link made
) STRICT;
CREATE INDEX comment_by_target ON comment(kind, target);
CREATE INDEX comment_by_test ON comment(test) WHERE test IS NOT NULL;
CREATE INDEX comment_by_known_issue ON comment(known_issue) WHERE known_issue IS NOT NULL;

CREATE TABLE claim (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, target INTEGER NOT NULL, -- as of a comment
  test INTEGER REFERENCES test(id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES user(id),
  state TEXT NOT NULL,                      -- looking, false_alarm
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX claim_by_target ON claim(kind, target);
CREATE INDEX claim_by_test ON claim(test) WHERE test IS NOT NULL;
`

export function up(database: Database): void {
  database.run(steps)
}
