// What /flaky/ lists: the failures of each test case that went away by themselves, and what they cost. What /clusters/
// lists: the failures with each template.

import type { Database } from 'bun:sqlite'

const steps = `
ALTER TABLE testcase_flakiness ADD COLUMN events INTEGER NOT NULL DEFAULT 0;       -- streaks of such failures
ALTER TABLE testcase_flakiness ADD COLUMN streak_flakes INTEGER NOT NULL DEFAULT 0; -- such failures
ALTER TABLE testcase_flakiness ADD COLUMN streak_runs INTEGER NOT NULL DEFAULT 0;  -- runs in which it was not broken
ALTER TABLE testcase_flakiness ADD COLUMN last_flake INTEGER;                      -- a test; NULL: there is none
ALTER TABLE testcase_flakiness ADD COLUMN last_flake_time INTEGER;
ALTER TABLE testcase_flakiness ADD COLUMN cost REAL NOT NULL DEFAULT 0;            -- the seconds that such failures took
ALTER TABLE testcase_flakiness ADD COLUMN templates TEXT NOT NULL DEFAULT '[]';    -- ids of their templates, in JSON
CREATE INDEX testcase_flakes ON testcase_flakiness(testcase) WHERE events > 0 OR flaky = 1;

-- The failures of the window of each test case that have a reason.
CREATE TABLE template_run (
  template INTEGER NOT NULL,                -- the cluster
  time INTEGER NOT NULL,                    -- when the run began
  test INTEGER NOT NULL,
  testcase INTEGER NOT NULL,
  host INTEGER NOT NULL,                    -- 0: unknown
  job INTEGER NOT NULL,
  PRIMARY KEY (template, time, test)
) WITHOUT ROWID, STRICT;
CREATE INDEX template_run_by_testcase ON template_run(testcase);

-- The background fills them in.
INSERT INTO task (name, state)
  SELECT 'analyse all test cases', json_object('testcase', 0, 'of', of)
  FROM (SELECT ifnull(max(id), 0) AS of FROM testcase) WHERE of > 0
  ON CONFLICT (name) DO UPDATE SET state = excluded.state;
`

export function up(database: Database): void {
  database.run(steps)
}
