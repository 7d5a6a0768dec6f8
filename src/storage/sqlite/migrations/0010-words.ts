// Renames two columns: `test.number` is the part of the tag before the name, such as `1-` or `sanity-2-`;
// `job.heard_at` is the time of the last report on a job.

import type { Database } from 'bun:sqlite'

const steps = `
ALTER TABLE test RENAME COLUMN number TO prefix;
ALTER TABLE job RENAME COLUMN heard_at TO last_report_at;
-- Tasks that go through the tests of a job note the last one that they saw.
UPDATE task SET state = json_object('testcase', state ->> 'testcase', 'prefix', state ->> 'number')
  WHERE name LIKE 'retime tests of job %' AND state ->> 'number' IS NOT NULL;
`

export function up(database: Database): void {
  database.run(steps)
}
