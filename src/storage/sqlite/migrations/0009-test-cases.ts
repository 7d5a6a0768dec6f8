// Stores the suite and variant of a testcase apart from its text: `a;b` is a whole name in a file that is not
// Avocado's, and the same name in two suites is two testcases. Adds the wall time of jobs, besides the sum of their
// tests, and the progress of tasks that may be interrupted.

import type { Database } from 'bun:sqlite'

const steps = `
CREATE TABLE whole_testcase (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL,                       -- name, or name;variant
  suite TEXT NOT NULL,                      -- '': none
  variant TEXT                              -- the end of the text, NULL: none
) STRICT;
-- Until now every last ; began a variant.
INSERT INTO whole_testcase (id, text, suite, variant)
  SELECT id, text, '', CASE WHEN instr(text, ';') > 0
    THEN substr(text, length(rtrim(text, replace(text, ';', ''))) + 1) END
  FROM testcase;
DROP TABLE testcase;
ALTER TABLE whole_testcase RENAME TO testcase;
CREATE UNIQUE INDEX testcase_once ON testcase(text, suite, ifnull(length(variant), -1));

ALTER TABLE job ADD COLUMN wall_time REAL;  -- seconds from the start of its first test to the end of its last

CREATE TABLE task (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

export function up(database: Database): void {
  database.run(steps)
}
