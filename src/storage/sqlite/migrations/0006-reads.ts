// Replaces table scans: adds totals of jobs by outcomes, an index of data from Avocado's resultsdb plugin by value, and
// a list of file contents that have lost a path.

import type { Database } from 'bun:sqlite'

const steps = `
-- How many visible jobs have each status, 0: none, and each combination of outcomes.
DROP TABLE job_total;
CREATE TABLE job_total (
  status INTEGER NOT NULL,
  outcomes INTEGER NOT NULL,
  jobs INTEGER NOT NULL,
  PRIMARY KEY (status, outcomes)
) WITHOUT ROWID, STRICT;
INSERT INTO job_total SELECT coalesce(status, 0), outcomes, count(*) FROM job WHERE complete = 1 GROUP BY 1, 2;

-- The beginning of a value: it may be a megabyte long. Other data than the plugin's has no entry.
CREATE INDEX test_data_by_value ON test_data(key, substr(value, 1, 64), test)
  WHERE category IN ('resultsdb', 'resultsdb list');

-- Contents that a job or a test names no more. When nothing else names them, they go.
CREATE TABLE released_file (file INTEGER PRIMARY KEY REFERENCES file(id) ON DELETE CASCADE) STRICT;
INSERT INTO released_file
  SELECT id FROM file
  WHERE NOT EXISTS (SELECT 1 FROM job_file WHERE file = file.id)
    AND NOT EXISTS (SELECT 1 FROM test_file WHERE file = file.id);
`

export function up(database: Database): void {
  database.run(steps)
}
