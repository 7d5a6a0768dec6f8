// The first schema. Names of tests, variants and activities repeat by the million, so each is stored once and rows
// refer to it by id. Statuses are numbers. So a test and its index entries take less than 90 bytes.

import type { Database } from 'bun:sqlite'
import { jobStatuses, reportedStatuses, testStatuses, UNKNOWN } from '../../seed-data'

const tables = `
-- One number that grows with every commit: caches, event streams and other processes compare it.
CREATE TABLE change (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  password_hash TEXT,                       -- argon2id; NULL: no usable password yet
  role TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL               -- microseconds, as every time below
) STRICT;

CREATE TABLE token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,                -- SHA-256 of the token, which itself is shown once and not kept
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX token_user ON token(user);

CREATE TABLE job_status (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL) STRICT;
CREATE TABLE test_status (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL) STRICT;
CREATE TABLE reported_status (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  status INTEGER NOT NULL REFERENCES test_status(id)
) STRICT;

CREATE TABLE component_kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE arch (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE component (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  release TEXT NOT NULL,
  checksum TEXT NOT NULL,
  kind INTEGER NOT NULL REFERENCES component_kind(id),
  arch INTEGER NOT NULL REFERENCES arch(id),
  UNIQUE (name, version, release, arch, kind, checksum)
) STRICT;
CREATE INDEX component_by_kind ON component(kind);
CREATE INDEX component_by_arch ON component(arch);
CREATE TABLE distro (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  release TEXT NOT NULL,
  arch INTEGER NOT NULL REFERENCES arch(id),
  UNIQUE (name, version, release, arch)
) STRICT;
CREATE INDEX distro_by_arch ON distro(arch);
CREATE TABLE environment (
  id INTEGER PRIMARY KEY,
  distro INTEGER NOT NULL REFERENCES distro(id),
  hash BLOB NOT NULL UNIQUE                 -- of the distro and the sorted components: equal ones are one
) STRICT;
CREATE INDEX environment_by_distro ON environment(distro);
CREATE TABLE environment_component (
  environment INTEGER NOT NULL REFERENCES environment(id) ON DELETE CASCADE,
  component INTEGER NOT NULL REFERENCES component(id),
  PRIMARY KEY (environment, component)
) WITHOUT ROWID, STRICT;
CREATE INDEX environment_by_component ON environment_component(component, environment);

CREATE TABLE job (
  number INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
  id TEXT NOT NULL,                         -- unique without regard to case: index job_by_id
  description TEXT,
  time INTEGER NOT NULL,
  received_at INTEGER NOT NULL,             -- the server's clock: "the last 24 hours", retention
  heard_at INTEGER NOT NULL,                -- the server's clock when the job was last reported on
  elapsed REAL NOT NULL,                    -- seconds
  status INTEGER REFERENCES job_status(id),
  status_by_client INTEGER NOT NULL DEFAULT 0,
  environment INTEGER REFERENCES environment(id), -- of its tests, but for those that have their own
  created_by INTEGER REFERENCES user(id) ON DELETE SET NULL,
  keep INTEGER NOT NULL DEFAULT 0,
  not_started INTEGER NOT NULL DEFAULT 0,   -- tests that the job counted and never ran
  passed INTEGER NOT NULL DEFAULT 0,        -- one counter a test status, kept in the transaction of the tests
  errored INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  not_applicable INTEGER NOT NULL DEFAULT 0,
  warned INTEGER NOT NULL DEFAULT 0,
  unfinished INTEGER NOT NULL DEFAULT 0,    -- no status yet
  tests_total INTEGER NOT NULL
    GENERATED ALWAYS AS (passed + errored + failed + not_applicable + warned + unfinished) VIRTUAL,
  complete INTEGER NOT NULL                 -- 0 while it is being written in several transactions: invisible
) STRICT;
CREATE UNIQUE INDEX job_by_id ON job(lower(id));
CREATE INDEX job_by_time ON job(time) WHERE complete = 1;
CREATE INDEX job_by_description ON job(description) WHERE complete = 1;
CREATE INDEX job_by_elapsed ON job(elapsed) WHERE complete = 1;
CREATE INDEX job_by_status ON job(status) WHERE complete = 1;
CREATE INDEX job_by_tests_total ON job(tests_total) WHERE complete = 1;
CREATE INDEX job_incomplete ON job(complete) WHERE complete = 0;
CREATE INDEX job_by_environment ON job(environment) WHERE environment IS NOT NULL;
CREATE INDEX job_by_user ON job(created_by) WHERE created_by IS NOT NULL;
-- How many visible jobs have each status; status 0: none.
CREATE TABLE job_total (status INTEGER PRIMARY KEY, jobs INTEGER NOT NULL) STRICT;
-- Branch, host, CI link and the like, to find jobs by.
CREATE TABLE job_label (
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (job, key, value)
) WITHOUT ROWID, STRICT;
CREATE INDEX job_label_by_value ON job_label(key, value, job);

CREATE TABLE activity_name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE job_activity (
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,                -- 1, 2, 3 within its job
  name INTEGER NOT NULL REFERENCES activity_name(id),
  time INTEGER NOT NULL,
  status INTEGER REFERENCES test_status(id), -- as test_activity has it; always NULL so far
  PRIMARY KEY (job, sequence)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX job_activity_once ON job_activity(job, time, name, coalesce(status, 0));
CREATE TABLE job_data (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  category TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT,
  UNIQUE (job, category, key)
) STRICT;
CREATE INDEX job_data_by_job ON job_data(job);

-- A tag is number + name + variant: 001- + passtest.py:PassTest.test + ;run-1. Each part may be empty.
CREATE TABLE test_name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE test_variant (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE fail_reason (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;
CREATE TABLE test (
  id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  number TEXT NOT NULL,                     -- as text: 001- and 1- differ
  name INTEGER NOT NULL REFERENCES test_name(id),
  variant INTEGER NOT NULL REFERENCES test_variant(id),
  status INTEGER,                           -- of test_status; not checked, it would cost every insert a look-up
  reported_status INTEGER,                  -- of reported_status, likewise
  completed_by_activity INTEGER NOT NULL DEFAULT 0, -- 1: posted without a status, an activity gave it
  started INTEGER,
  elapsed REAL,                             -- seconds
  fail_reason INTEGER REFERENCES fail_reason(id),
  environment INTEGER REFERENCES environment(id) -- NULL: the job's
) STRICT;
CREATE INDEX test_by_job ON test(job);      -- holds the id too: WHERE job = ? ORDER BY id
CREATE UNIQUE INDEX test_by_tag ON test(job, name, variant, number);
CREATE INDEX test_history ON test(name, started); -- jobs arrive late and out of order: (name, id) would lie
CREATE INDEX test_by_environment ON test(environment) WHERE environment IS NOT NULL;
CREATE TABLE test_activity (
  test INTEGER NOT NULL REFERENCES test(id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,                -- 1, 2, 3 within its test
  name INTEGER NOT NULL REFERENCES activity_name(id),
  time INTEGER NOT NULL,
  status INTEGER REFERENCES test_status(id),
  PRIMARY KEY (test, sequence)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX test_activity_once ON test_activity(test, time, name, coalesce(status, 0));
CREATE TABLE test_data (
  id INTEGER PRIMARY KEY,
  test INTEGER NOT NULL REFERENCES test(id) ON DELETE CASCADE,
  category TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT,
  UNIQUE (test, category, key)
) STRICT;
CREATE INDEX test_data_by_test ON test_data(test);

-- A content is stored once however many jobs and tests name it; small ones in the row, others beside the database.
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  stored_size INTEGER NOT NULL,
  content BLOB,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE job_file (
  job INTEGER NOT NULL REFERENCES job(number) ON DELETE CASCADE,
  path TEXT NOT NULL,
  file INTEGER NOT NULL REFERENCES file(id),
  PRIMARY KEY (job, path)
) WITHOUT ROWID, STRICT;
CREATE INDEX job_file_by_file ON job_file(file);
CREATE TABLE test_file (
  test INTEGER NOT NULL REFERENCES test(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  file INTEGER NOT NULL REFERENCES file(id),
  PRIMARY KEY (test, path)
) WITHOUT ROWID, STRICT;
CREATE INDEX test_file_by_file ON test_file(file);
`

export function up(database: Database): void {
  database.run(tables)
  const statusRow = 'VALUES ($id, $name, $description)'
  for (const row of jobStatuses) database.prepare(`INSERT INTO job_status ${statusRow}`).run(row)
  for (const row of testStatuses) database.prepare(`INSERT INTO test_status ${statusRow}`).run(row)
  for (const row of reportedStatuses) {
    database.prepare('INSERT INTO reported_status VALUES ($id, $name, $status)').run(row)
  }
  for (const status of [0, ...jobStatuses.map(({ id }) => id)]) {
    database.run('INSERT INTO job_total VALUES (?, 0)', [status])
  }
  database.run('INSERT INTO change VALUES (1, 0)')
  database.run('INSERT INTO component_kind (name) VALUES (?)', [UNKNOWN])
  database.run('INSERT INTO arch (id, name) VALUES (1, ?)', [UNKNOWN])
  database.run("INSERT INTO distro (name, version, release, arch) VALUES (?, '0', '0', 1)", [UNKNOWN])
}
