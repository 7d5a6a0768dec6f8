// Adds what the dashboard needs: lists of jobs by status, outcome and words, and numbers over time. The counters of a
// job change with every posted test, so only the index job_by_failures uses them. The other indexes change with the
// job, or with the first test of an outcome.

import type { Database } from 'bun:sqlite'
import type { Costs } from './costs'

const steps = `
-- One bit an outcome that any test of the job has: 1 PASS, 2 ERROR, 4 FAIL, 8 TEST_NA, 16 WARN, 32 unfinished,
-- 64 never started.
ALTER TABLE job ADD COLUMN outcomes INTEGER NOT NULL DEFAULT 0;
UPDATE job SET outcomes = (passed > 0) + 2 * (errored > 0) + 4 * (failed > 0) + 8 * (not_applicable > 0)
  + 16 * (warned > 0) + 32 * (unfinished > 0) + 64 * (not_started > 0);

-- The list by time, its page filtered by status and outcomes without a look at the rows that are left out. Costs a
-- job some 5 bytes more than the index on the time alone did.
DROP INDEX job_by_time;
CREATE INDEX job_by_time ON job(time, number, status, outcomes) WHERE complete = 1;
-- How many jobs have these statuses, any of these outcomes, and a time in this range: counted here alone.
CREATE INDEX job_by_outcomes ON job(coalesce(status, 0), outcomes, time) WHERE complete = 1;
-- ordering=failures. Changes with every test that fails, which most do not.
CREATE INDEX job_by_failures ON job(failed + errored) WHERE complete = 1;

-- The words of the visible jobs, rowid: the number of the job. Texts stay in their rows (content=''). Prefixes of
-- two and three characters are what is typed first and fits most.
CREATE VIRTUAL TABLE job_search USING fts5(
  id, number, description,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO job_search (rowid, id, number, description)
  SELECT number, id, number, description FROM job WHERE complete = 1;

-- Visible jobs and their tests by the job's time, a row for every quarter of an hour that has any: so a day begins
-- with a row in every time zone.
CREATE TABLE quarter_total (
  quarter INTEGER PRIMARY KEY,              -- quarters of an hour since 1970
  jobs INTEGER NOT NULL,
  passed INTEGER NOT NULL,
  errored INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  not_applicable INTEGER NOT NULL,
  warned INTEGER NOT NULL,
  unfinished INTEGER NOT NULL
) STRICT;
INSERT INTO quarter_total
  SELECT time / 900000000, count(*), sum(passed), sum(errored), sum(failed), sum(not_applicable), sum(warned),
    sum(unfinished)
  FROM job WHERE complete = 1 GROUP BY 1;
`

export const costs: Costs = { job: { microseconds: 20, bytes: 300, temporaryBytes: 60 } }

export function up(database: Database): void {
  database.run(steps)
}
