// Updates the data that is derived from visible jobs: totals by status and time, and the search index. Every write that
// shows, changes or hides a job calls one of these functions.

import { type Connection, query, tables } from '../../storage/query'
import { adjustJobTotals } from './counters'
import type { JobRow } from './job-reference'
import { addToSearch, removeFromSearch } from './job-search'
import { retimeTests } from './retiming'
import { addToTotals } from './totals'

const updateDescription = query<{ job: number; description: string | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ description: param('description') })
    .where('number', '=', param('job')),
)

/** Changes the row only. */
export function setDescription(connection: Connection, job: number, description: string | null): void {
  connection.run(updateDescription, { job, description })
}

/** Describes a visible job anew. */
export function describeAnew(connection: Connection, job: JobRow, description: string | null): void {
  setDescription(connection, job.number, description)
  reindexJob(connection, job, { ...job, description })
}

export function indexJob(connection: Connection, job: JobRow): void {
  adjustJobTotals(connection, job, 1)
  addJobToTotals(connection, job, 1)
  addToSearch(connection, job)
}

export function unindexJob(connection: Connection, job: JobRow): void {
  adjustJobTotals(connection, job, -1)
  addJobToTotals(connection, job, -1)
  removeFromSearch(connection, job)
}

export function reindexJob(connection: Connection, before: JobRow, after: JobRow): void {
  if (after.status !== before.status || after.outcomes !== before.outcomes) {
    adjustJobTotals(connection, before, -1)
    adjustJobTotals(connection, after, 1)
  }
  if (after.time !== before.time) {
    addJobToTotals(connection, before, -1)
    addJobToTotals(connection, after, 1)
    retimeTests(connection, after)
  }
  if (after.description !== before.description) {
    removeFromSearch(connection, before)
    addToSearch(connection, after)
  }
}

function addJobToTotals(connection: Connection, job: JobRow, sign: 1 | -1): void {
  addToTotals(connection, job.time, {
    jobs: sign,
    passed: sign * job.passed,
    errored: sign * job.errored,
    failed: sign * job.failed,
    not_applicable: sign * job.not_applicable,
    warned: sign * job.warned,
    unfinished: sign * job.unfinished,
  })
}
