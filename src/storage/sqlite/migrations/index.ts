// All migrations, in order. A released migration never changes; a new one is added at the end. The schema version of a
// database (PRAGMA user_version) is the number of migrations that it has had. For a new migration, add a database of
// the previous version to test/fixtures/databases.

import type { Database } from 'bun:sqlite'
import * as initial from './0001-initial'
import * as sessions from './0002-sessions'
import * as dashboard from './0003-dashboard'
import * as writer from './0004-writer'
import * as compact from './0005-compact'
import * as reads from './0006-reads'
import * as audit from './0007-audit'
import * as heardAt from './0008-heard-at'
import * as testCases from './0009-test-cases'
import * as words from './0010-words'
import * as analysis from './0011-analysis'
import * as infrastructure from './0012-infrastructure'
import * as flakes from './0013-flakes'
import * as knownIssues from './0014-known-issues'
import * as notes from './0015-notes'
import type { Costs } from './costs'

interface Migration {
  name: string
  up(database: Database): void
  /** Nothing: what it takes does not grow with the jobs and tests. */
  costs?: Costs
}

export const migrations: readonly Migration[] = [
  { name: '0001-initial', up: initial.up },
  { name: '0002-sessions', up: sessions.up },
  { name: '0003-dashboard', up: dashboard.up, costs: dashboard.costs },
  { name: '0004-writer', up: writer.up },
  { name: '0005-compact', up: compact.up, costs: compact.costs },
  { name: '0006-reads', up: reads.up },
  { name: '0007-audit', up: audit.up },
  { name: '0008-heard-at', up: heardAt.up, costs: heardAt.costs },
  { name: '0009-test-cases', up: testCases.up },
  { name: '0010-words', up: words.up },
  { name: '0011-analysis', up: analysis.up, costs: analysis.costs },
  { name: '0012-infrastructure', up: infrastructure.up, costs: infrastructure.costs },
  { name: '0013-flakes', up: flakes.up },
  { name: '0014-known-issues', up: knownIssues.up },
  { name: '0015-notes', up: notes.up },
]
