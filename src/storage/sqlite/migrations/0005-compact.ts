// Stores a test in fewer bytes: name and variant are one id, the time of the run is stored once, and the index of a
// job's tests is dropped, because the index by tag starts with the job, too.

import type { Database } from 'bun:sqlite'
import type { Costs } from './costs'

/** See `test.ran_at`. 2029-01-01T00:00:00Z. */
const EPOCH = 1_861_920_000_000_000

const steps = `
-- What is the same test in all jobs: a tag without its number, passtest.py:PassTest.test;run-1.
CREATE TABLE testcase (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO testcase (text)
  SELECT test_name.text || test_variant.text FROM (SELECT DISTINCT name, variant FROM test) AS used
  JOIN test_name ON test_name.id = used.name JOIN test_variant ON test_variant.id = used.variant
  ORDER BY used.name, used.variant;

CREATE TABLE compact_test (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  number TEXT NOT NULL,                     -- as text: 001- and 1- differ
  testcase INTEGER NOT NULL REFERENCES testcase(id),
  status INTEGER,                           -- of test_status; not checked, it would cost every insert a look-up
  reported_status INTEGER,                  -- of reported_status, likewise
  completed_by_activity INTEGER NOT NULL,   -- 1: posted without a status, an activity gave it
  has_started INTEGER NOT NULL,             -- 0: nobody has told when, ran_at is the time of its job
  -- The order of its history, for jobs arrive late. Microseconds since 2029: a number of 2024 to 2033 takes 6 bytes,
  -- where one since 1970 takes 8, here and in two indexes.
  ran_at INTEGER NOT NULL,
  time INTEGER NOT NULL GENERATED ALWAYS AS (ran_at + ${EPOCH}) VIRTUAL,
  started INTEGER GENERATED ALWAYS AS (CASE has_started WHEN 1 THEN ran_at + ${EPOCH} END) VIRTUAL,
  elapsed REAL,                             -- seconds
  fail_reason INTEGER REFERENCES fail_reason(id),
  environment INTEGER REFERENCES environment(id) -- NULL: the job's
) STRICT;
INSERT INTO compact_test (id, job, number, testcase, status, reported_status, completed_by_activity, has_started,
    ran_at, elapsed, fail_reason, environment)
  SELECT test.id, job, number, testcase.id, status, reported_status, completed_by_activity, started IS NOT NULL,
    coalesce(started, (SELECT time FROM job WHERE job.number = test.job)) - ${EPOCH}, elapsed, fail_reason, environment
  FROM test
  JOIN test_name ON test_name.id = name JOIN test_variant ON test_variant.id = variant
  JOIN testcase ON testcase.text = test_name.text || test_variant.text
  ORDER BY test.id;
-- The greatest id ever given, of a test that may have gone.
DELETE FROM sqlite_sequence WHERE name = 'compact_test';
UPDATE sqlite_sequence SET name = 'compact_test' WHERE name = 'test';
DROP TABLE test;
ALTER TABLE compact_test RENAME TO test;
DROP TABLE test_name;
DROP TABLE test_variant;

CREATE UNIQUE INDEX test_by_tag ON test(job, testcase, number);
-- The same test in all jobs.
CREATE INDEX test_history ON test(testcase, ran_at);
-- The tests that failed lately. Holds those few only, and all that their count needs.
CREATE INDEX test_failing ON test(ran_at, job, testcase) WHERE status IN (2, 3);
CREATE INDEX test_by_environment ON test(environment) WHERE environment IS NOT NULL;
`

export const costs: Costs = { test: { microseconds: 12, bytes: 260, temporaryBytes: 40 } }

export function up(database: Database): void {
  database.run(steps)
}
