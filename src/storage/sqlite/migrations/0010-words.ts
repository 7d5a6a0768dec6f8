// Two columns get names that say what they hold: `test.number` is whatever stands in the tag before the name, `1-` or
// `sanity-2-`; `job.heard_at` is when the last report about a running job came.

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
