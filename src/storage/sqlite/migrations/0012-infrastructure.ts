// Verdicts on jobs: whether the failures of a job are the fault of the host, the network or the lab.

import type { Database } from 'bun:sqlite'
import type { Costs } from './costs'

const Y2000 = 946_684_800_000_000
const HOUR = 3_600_000_000

const steps = `
-- A job in which many tests failed at once that had passed before, with what the background found of it.
CREATE TABLE job_verdict (
  job INTEGER PRIMARY KEY REFERENCES job(number) ON DELETE CASCADE,
  host INTEGER NOT NULL,                    -- 0: unknown
  time INTEGER NOT NULL,                    -- when it ran; where its clock was wrong, when it was received
  until INTEGER NOT NULL,                   -- a run of the host up to here may change the verdict
  verdict TEXT NOT NULL,                    -- none, suspected, infrastructure
  recovered INTEGER NOT NULL,               -- the tests passed again: it is no "last run", and no flake
  expected INTEGER NOT NULL,                -- tests that had passed at their last run
  broken INTEGER NOT NULL,                  -- how many of these fail
  errors INTEGER NOT NULL,                  -- how many of these with ERROR
  runs INTEGER NOT NULL,                    -- later jobs that ran some of them, 5 at most
  passed_again REAL,                        -- the median share that passed in those; NULL: there are none
  ran_again INTEGER NOT NULL,               -- how many of the broken tests ran again in the branch
  excused INTEGER NOT NULL,                 -- how many of these passed while no component had changed both before and after
  selective INTEGER NOT NULL,               -- whole tests fail, and others do not
  relapses INTEGER NOT NULL                 -- later jobs in which they failed again while others passed
) STRICT;
CREATE INDEX job_verdict_awaiting ON job_verdict(host, until);
CREATE INDEX job_verdict_by_place ON job_verdict(host, time);
CREATE INDEX job_verdict_by_time ON job_verdict(time, verdict);

-- What somebody says of a job. It counts more than what the background found, and stays.
CREATE TABLE set_verdict (
  job INTEGER PRIMARY KEY REFERENCES job(number) ON DELETE CASCADE,
  verdict TEXT NOT NULL,                    -- none, infrastructure
  user INTEGER NOT NULL REFERENCES user(id),
  comment TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX set_verdict_by_user ON set_verdict(user);

-- A host and a moment at which the runs changed. Jobs around it have to be judged.
CREATE TABLE stale_verdict (
  host INTEGER NOT NULL,                    -- 0: unknown
  time INTEGER NOT NULL,
  change INTEGER NOT NULL,                  -- the number of the commit that marked it last
  PRIMARY KEY (host, time)
) WITHOUT ROWID, STRICT;
-- Jobs are judged in the order of time. Those with a wrong clock lie where they were received.
CREATE INDEX job_wrong_clock ON job(host, received_at)
  WHERE complete = 1 AND (time < ${Y2000} OR time > received_at + ${HOUR});

-- All that is stored already is judged in the background.
INSERT INTO stale_verdict (host, time, change)
  SELECT DISTINCT ifnull(host, 0),
    CASE WHEN time < ${Y2000} OR time > received_at + ${HOUR} THEN received_at ELSE time END, 0
  FROM job WHERE complete = 1 AND failed + errored >= 5;
`

export const costs: Costs = { job: { microseconds: 2, bytes: 5, temporaryBytes: 0 } }

export function up(database: Database): void {
  database.run(steps)
}
