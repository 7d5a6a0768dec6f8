// Known issues: rules for failures that somebody has looked into, and what they match.

import type { Database } from 'bun:sqlite'

const steps = `
CREATE TABLE known_issue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice
  -- Which failures it is about. All that is not NULL must fit.
  template TEXT, template_hash BLOB,        -- the template of the fail reason
  pattern TEXT,                             -- a regular expression on the fail reason, in the syntax of RE2
  testcase TEXT,                            -- a glob on the name, or on name and variant
  variant TEXT,                             -- words of the variant
  host TEXT,
  component TEXT,                           -- as in ?component=
  -- Of a comment that is carried over: failures of this test case from this time on. Without a template and a pattern
  -- those without a reason.
  only_testcase INTEGER, begins_at INTEGER,
  report_url TEXT NOT NULL,                 -- '': none
  report_subject TEXT NOT NULL,
  culprit INTEGER NOT NULL,                 -- bits: 1 code, 2 tool, 4 harness
  comment TEXT NOT NULL,
  intermittent INTEGER NOT NULL,
  expires INTEGER,                          -- failures from this time on are not matched; NULL: never
  created_at INTEGER NOT NULL, created_by INTEGER REFERENCES user(id),
  changed_at INTEGER NOT NULL, changed_by INTEGER REFERENCES user(id),
  -- What the background has to do.
  deleted INTEGER NOT NULL DEFAULT 0,       -- 1: its rows are being deleted
  unmatch INTEGER NOT NULL DEFAULT 0,       -- 1: the matches of a former pattern have to go
  matched_to INTEGER NOT NULL DEFAULT 0,    -- the last fail reason that the pattern was matched with
  -- The number of the commit after which the test cases that it may match have to be looked at; 0: they were.
  unmarked INTEGER NOT NULL DEFAULT 0,
  unsummed INTEGER NOT NULL DEFAULT 0,      -- the same for its numbers
  -- The numbers of its incidents.
  incidents INTEGER NOT NULL DEFAULT 0, testcases INTEGER NOT NULL DEFAULT 0,
  first_time INTEGER, last_time INTEGER,
  ends_at INTEGER,                          -- when it is taken for resolved, which may be in the future
  reopened_at INTEGER                       -- when it came back first after that
) STRICT;
CREATE INDEX known_issue_pattern ON known_issue(matched_to) WHERE pattern IS NOT NULL;
CREATE INDEX known_issue_swept ON known_issue(id) WHERE deleted = 1 OR unmatch = 1;
CREATE INDEX known_issue_unmarked ON known_issue(id) WHERE unmarked > 0;
CREATE INDEX known_issue_unsummed ON known_issue(id) WHERE unsummed > 0;

-- The fail reasons that a pattern matches.
CREATE TABLE known_issue_match (
  issue INTEGER NOT NULL REFERENCES known_issue(id),
  reason INTEGER NOT NULL,
  PRIMARY KEY (issue, reason)
) WITHOUT ROWID, STRICT;
CREATE INDEX known_issue_match_by_reason ON known_issue_match(reason);

-- The failures that known issues match, of the newest runs of each test case.
CREATE TABLE known_issue_incident (
  issue INTEGER NOT NULL REFERENCES known_issue(id),
  time INTEGER NOT NULL,                    -- of the run
  test INTEGER NOT NULL,
  testcase INTEGER NOT NULL,
  PRIMARY KEY (issue, time, test)
) WITHOUT ROWID, STRICT;
CREATE INDEX known_issue_incident_by_test ON known_issue_incident(test);
CREATE INDEX known_issue_incident_by_testcase ON known_issue_incident(testcase);

-- The test cases that known issues hit.
CREATE TABLE known_issue_case (
  issue INTEGER NOT NULL REFERENCES known_issue(id),
  testcase INTEGER NOT NULL,
  incidents INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
  spans TEXT NOT NULL,                      -- the times between which it was there: JSON, [[begin, end], ...]
  PRIMARY KEY (issue, testcase)
) WITHOUT ROWID, STRICT;
CREATE INDEX known_issue_case_by_testcase ON known_issue_case(testcase);

-- Test cases whose incidents have to be found anew.
CREATE TABLE stale_incident (
  testcase INTEGER PRIMARY KEY,
  change INTEGER NOT NULL                   -- the number of the commit that marked it last
) STRICT;
`

export function up(database: Database): void {
  database.run(steps)
}
