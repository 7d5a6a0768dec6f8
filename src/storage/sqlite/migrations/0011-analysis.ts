// What the analysis of results needs: where a job ran (host, branch, distro), when it was over, and tables that are
// derived from the runs in the background: series, regressions, flakiness, templates of fail reasons.

import type { Database } from 'bun:sqlite'
import type { Costs } from './costs'

/** See `test.ran_at`. 2029-01-01T00:00:00Z. */
const EPOCH = 1_861_920_000_000_000
const Y2000 = 946_684_800_000_000
const HOUR = 3_600_000_000

const steps = `
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE branch (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

ALTER TABLE job ADD COLUMN host INTEGER REFERENCES host(id);     -- NULL: unknown
ALTER TABLE job ADD COLUMN branch INTEGER REFERENCES branch(id); -- NULL: no label "branch"
-- What was reported besides the label "host": the best source so far, and which it is. See labels/hosts.ts.
ALTER TABLE job ADD COLUMN reported_host TEXT;
ALTER TABLE job ADD COLUMN host_source INTEGER NOT NULL DEFAULT 0;
-- Where job.environment is from. 0: there is none. 1: all tests that name one name this. 2: its tests name several, and
-- it is NULL. 3: it was reported for the job. See environments/of-jobs.ts.
ALTER TABLE job ADD COLUMN environment_source INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN distro INTEGER REFERENCES distro(id); -- of its environment, else of a job beside it on its host
ALTER TABLE job ADD COLUMN ended_at INTEGER;                     -- NULL: it may still run
ALTER TABLE job ADD COLUMN duplicate_of INTEGER;                 -- another report of the same run; no foreign key: checked when read

-- The tests of one environment by their jobs.
DROP INDEX test_by_environment;
CREATE INDEX test_by_environment ON test(environment, job) WHERE environment IS NOT NULL;
DROP INDEX job_by_environment;
UPDATE job SET environment_source = 3 WHERE environment IS NOT NULL;
UPDATE job SET environment_source = CASE WHEN lowest = highest THEN 1 ELSE 2 END,
    environment = CASE WHEN lowest = highest THEN lowest END
  FROM (
    SELECT job, min(environment) AS lowest, max(environment) AS highest
    FROM test WHERE environment IS NOT NULL GROUP BY job
  ) AS named
  WHERE named.job = job.number AND job.environment IS NULL;
CREATE INDEX job_by_environment ON job(environment, complete, time) WHERE environment IS NOT NULL;
CREATE INDEX job_of_environments ON job(complete) WHERE environment_source = 2;

-- The host of the jobs that are there: of their sysinfo, unless they have a label.
UPDATE job SET reported_host = named.host, host_source = named.source
  FROM (
    SELECT job.number, trim(value, ' ' || char(9, 10, 13)) AS host, 3 AS source
    FROM job CROSS JOIN job_data ON job_data.job = job.number AND category = 'sysinfo' AND key = 'hostname'
  ) AS named
  WHERE named.number = job.number AND length(named.host) BETWEEN 1 AND 255;
UPDATE job SET reported_host = substr(named.rest, 1, instr(named.rest, ' ') - 1), host_source = 2
  FROM (
    SELECT job.number, ltrim(substr(ltrim(value), instr(ltrim(value), ' '))) AS rest
    FROM job CROSS JOIN job_data ON job_data.job = job.number AND category = 'sysinfo' AND key = 'uname -a'
    WHERE job.host_source = 0
  ) AS named
  WHERE named.number = job.number AND instr(named.rest, ' ') BETWEEN 2 AND 256;
CREATE TEMP TABLE job_host AS
  SELECT number, coalesce((SELECT value FROM job_label WHERE job = number AND key = 'host'), reported_host) AS name
  FROM job;
DELETE FROM job_host WHERE name IS NULL OR name GLOB 'localhost*' OR name = '(none)'
  OR (length(name) = 12 AND name NOT GLOB '*[^0-9a-f]*');
INSERT INTO host (name) SELECT DISTINCT name FROM job_host ORDER BY name;
UPDATE job SET host = host.id FROM job_host JOIN host ON host.name = job_host.name WHERE job_host.number = job.number;
DROP TABLE job_host;
INSERT INTO branch (name) SELECT DISTINCT value FROM job_label WHERE key = 'branch' ORDER BY value;
UPDATE job SET branch = branch.id FROM job_label JOIN branch ON branch.name = job_label.value
  WHERE job_label.job = job.number AND job_label.key = 'branch';
CREATE INDEX job_by_host ON job(host, time) WHERE complete = 1;
CREATE INDEX job_by_branch ON job(branch, time) WHERE complete = 1;
UPDATE job SET distro = (SELECT distro FROM environment WHERE environment.id = job.environment)
  WHERE environment IS NOT NULL;
CREATE INDEX job_by_distro ON job(distro, time); -- of all jobs: a distro that one names cannot be deleted
-- The jobs that may still run, few but for those of an upgraded database, and those that are other reports of a job.
CREATE INDEX job_open ON job(number) WHERE ended_at IS NULL AND complete = 1;
CREATE INDEX job_duplicate ON job(duplicate_of) WHERE duplicate_of IS NOT NULL;

-- A start before 2000, or more than an hour after it was received, is the fault of a clock: the run lies at its receipt.
-- The reported start is kept here then, and is NULL for all others.
ALTER TABLE test ADD COLUMN reported_start INTEGER;
ALTER TABLE test DROP COLUMN started;
ALTER TABLE test ADD COLUMN started INTEGER GENERATED ALWAYS AS
  (coalesce(reported_start, CASE has_started WHEN 1 THEN ran_at + ${EPOCH} END)) VIRTUAL;
UPDATE test SET
    reported_start = CASE has_started WHEN 1 THEN ran_at + ${EPOCH} END,
    ran_at = (CASE has_started WHEN 1 THEN max(job.received_at, job.last_report_at) ELSE job.received_at END) - ${EPOCH}
  FROM job
  WHERE job.number = test.job
    AND (test.ran_at < ${Y2000 - EPOCH} OR test.ran_at + ${EPOCH - HOUR} >
      CASE has_started WHEN 1 THEN max(job.received_at, job.last_report_at) ELSE job.received_at END);

-- Covers what the analysis reads of a run, so that 1,000 runs are one range of the index.
DROP INDEX test_history;
CREATE INDEX test_history ON test(testcase, ran_at, status, environment, job);

-- What has to be analysed again.
CREATE TABLE stale_job (job INTEGER PRIMARY KEY, testcase INTEGER NOT NULL DEFAULT 0) STRICT; -- testcase: the last one marked
-- A job with an environment came, left or changed at this time: the distros of those beside it on the host may change.
CREATE TABLE stale_place (host INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (host, time)) WITHOUT ROWID, STRICT;
CREATE TABLE stale_testcase (
  testcase INTEGER PRIMARY KEY,
  change INTEGER NOT NULL                   -- the number of the commit that marked it last
) STRICT;

-- Templates of regressions that have to be looked at together again.
CREATE TABLE stale_template (
  template INTEGER PRIMARY KEY,
  change INTEGER NOT NULL                   -- the number of the commit that marked it last
) STRICT;

-- Fail reasons without what differs from run to run.
CREATE TABLE template (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  text TEXT NOT NULL,
  parent INTEGER REFERENCES template(id)   -- the template with one word less that it is part of; NULL: none
) STRICT;
CREATE INDEX template_by_parent ON template(parent) WHERE parent IS NOT NULL;
ALTER TABLE fail_reason ADD COLUMN template INTEGER REFERENCES template(id); -- NULL: not masked yet
CREATE INDEX fail_reason_by_template ON fail_reason(template);

-- The runs of a test case on one host, branch and distro, in the default window.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  testcase INTEGER NOT NULL REFERENCES testcase(id),
  host INTEGER, branch INTEGER, distro INTEGER, -- NULL: unknown, or none
  last_time INTEGER NOT NULL,               -- of the newest run
  last_job INTEGER NOT NULL,
  state TEXT NOT NULL,                      -- passing, failing
  since_job INTEGER NOT NULL,               -- the first run of the streak
  streak INTEGER NOT NULL,                  -- runs with the same outcome up to the newest
  runs INTEGER NOT NULL, failures INTEGER NOT NULL,
  flakes INTEGER NOT NULL, events INTEGER NOT NULL -- failures that went away by themselves, and streaks of them
) STRICT;
CREATE UNIQUE INDEX series_once ON series(testcase, ifnull(host, 0), ifnull(branch, 0), ifnull(distro, 0));

CREATE TABLE testcase_flakiness (
  testcase INTEGER PRIMARY KEY REFERENCES testcase(id),
  rate REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  flaky INTEGER NOT NULL,
  flakes REAL NOT NULL, runs REAL NOT NULL, -- as the model weighs them
  due INTEGER                               -- when the oldest run leaves the window; NULL: never
) STRICT;
CREATE INDEX testcase_flakiness_due ON testcase_flakiness(due) WHERE due IS NOT NULL;
CREATE INDEX testcase_flaky ON testcase_flakiness(flaky, rate) WHERE flaky = 1;

-- A test case that fails with one reason from some job on.
CREATE TABLE regression (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice
  testcase INTEGER NOT NULL REFERENCES testcase(id),
  template INTEGER REFERENCES template(id), -- NULL: failures without a reason
  state TEXT NOT NULL,                      -- open, fixing, fixed, withdrawn, never_passed
  -- Where it began, by the runs of so many test cases with this reason: see analysis/regressions/together.ts.
  tests INTEGER NOT NULL DEFAULT 1,
  probability REAL NOT NULL,
  first_bad INTEGER, low INTEGER, high INTEGER, -- jobs; low and high: the interval of 95 %
  first_bad_time INTEGER NOT NULL,
  last_good INTEGER,
  -- The same by the runs of its own test case.
  own_probability REAL NOT NULL,
  own_first_bad INTEGER, own_low INTEGER, own_high INTEGER,
  own_first_bad_time INTEGER NOT NULL, own_low_time INTEGER NOT NULL, own_high_time INTEGER NOT NULL,
  own_last_good INTEGER,
  fixed_in INTEGER, last_bad INTEGER,
  last_bad_time INTEGER NOT NULL,
  changed_at INTEGER NOT NULL               -- the server's clock when its state changed
) STRICT;
CREATE INDEX regression_by_testcase ON regression(testcase, template);
CREATE INDEX regression_by_state ON regression(state, last_bad_time);
CREATE INDEX regression_by_time ON regression(last_bad_time);
CREATE INDEX regression_by_template ON regression(template, state, testcase);
CREATE INDEX regression_by_fix ON regression(fixed_in) WHERE fixed_in IS NOT NULL;
CREATE TABLE regression_host (
  regression INTEGER NOT NULL REFERENCES regression(id) ON DELETE CASCADE,
  host INTEGER NOT NULL,                    -- 0: unknown
  distro INTEGER NOT NULL,                  -- 0: unknown
  state TEXT NOT NULL,
  first_bad INTEGER, last_good INTEGER, fixed_in INTEGER,
  PRIMARY KEY (regression, host, distro)
) WITHOUT ROWID, STRICT;

-- Jobs without environment have the distro of those beside them, on hosts that have both.
INSERT INTO stale_place
  SELECT host, time FROM job
  WHERE environment IS NOT NULL AND host IN (SELECT host FROM job WHERE environment IS NULL)
  UNION
  SELECT host, min(time) - 1 FROM job
  WHERE environment IS NOT NULL AND host IN (SELECT host FROM job WHERE environment IS NULL) GROUP BY host;

-- All that is stored already is analysed in the background, see analysis/series/refresh.ts.
INSERT INTO task (name, state)
  SELECT 'analyse all test cases', json_object('testcase', 0, 'of', of)
  FROM (SELECT ifnull(max(id), 0) AS of FROM testcase) WHERE of > 0;

-- The words of the test cases and of the beginnings of the fail reasons, by the ids of their rows. Texts stay in their
-- rows (content=''). Nearly each failure has a reason of its own, so those have no prefixes, which double the index.
CREATE VIRTUAL TABLE testcase_search USING fts5(
  suite, name, variant,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE VIRTUAL TABLE reason_search USING fts5(
  text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
-- What is stored already is added in the background, see results/core/search-filling.ts.
INSERT INTO task (name, state)
  SELECT 'fill the search', json_object('testcase', 0, 'testcases', testcases, 'reason', 0, 'reasons', reasons)
  FROM (SELECT (SELECT ifnull(max(id), 0) FROM testcase) AS testcases, (SELECT ifnull(max(id), 0) FROM fail_reason) AS reasons)
  WHERE testcases + reasons > 0;
-- All runs, the newest first, and those with a reason.
CREATE INDEX test_by_time ON test(ran_at);
-- The failures of a range of time with their reasons, without reading the tests.
DROP INDEX test_failing;
CREATE INDEX test_failing ON test(ran_at, job, testcase, fail_reason, reported_status, environment) WHERE status IN (2, 3);
CREATE INDEX test_by_reason ON test(fail_reason, ran_at, testcase) WHERE fail_reason IS NOT NULL;

-- When a user last looked at the triage page, by the button "Mark as looked at".
ALTER TABLE user ADD COLUMN looked_at INTEGER;
`

export const costs: Costs = {
  job: { microseconds: 30, bytes: 250, temporaryBytes: 40 },
  test: { microseconds: 4, bytes: 65, temporaryBytes: 22 },
}

export function up(database: Database): void {
  database.run(steps)
}
