// Updates the data that is derived from visible jobs: totals by status and time, and the search index. Every write that
// shows, changes or hides a job calls one of these functions.

import { type Connection, query, tables } from '../../storage/query'
import { adjustJobTotals } from './counters'
import type { JobRow } from './job-reference'
import { addToSearch, removeFromSearch } from './job-search'
import { retimeTests } from './retiming'
import { markStaleJob } from './stale-jobs'
import { addToTotals } from './totals'

const updateDescription = query<{ job: number; description: string | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ description: param('description') })
    .where('number', '=', param('job')),
)

/** Changes the row only. */
export async function setDescription(
  connection: Connection,
  job: number,
  description: string | null,
): Promise<void> {
  await connection.run(updateDescription, { job, description })
}

/** Describes a visible job anew. */
export async function describeAnew(
  connection: Connection,
  job: JobRow,
  description: string | null,
): Promise<void> {
  await setDescription(connection, job.number, description)
  await reindexJob(connection, job, { ...job, description })
}

export async function indexJob(connection: Connection, job: JobRow): Promise<void> {
  await adjustJobTotals(connection, job, 1)
  await addJobToTotals(connection, job, 1)
  await addToSearch(connection, job)
}

export async function unindexJob(connection: Connection, job: JobRow): Promise<void> {
  await adjustJobTotals(connection, job, -1)
  await addJobToTotals(connection, job, -1)
  await removeFromSearch(connection, job)
}

export async function reindexJob(connection: Connection, before: JobRow, after: JobRow): Promise<void> {
  if (after.status !== before.status || after.outcomes !== before.outcomes) {
    await adjustJobTotals(connection, before, -1)
    await adjustJobTotals(connection, after, 1)
  }
  if (after.time !== before.time) {
    await addJobToTotals(connection, before, -1)
    await addJobToTotals(connection, after, 1)
    await retimeTests(connection, after)
    await markStaleJob(connection, after.number)
  }
  if (after.description !== before.description) {
    await removeFromSearch(connection, before)
    await addToSearch(connection, after)
  }
}

async function addJobToTotals(connection: Connection, job: JobRow, sign: 1 | -1): Promise<void> {
  await addToTotals(connection, job.time, {
    jobs: sign,
    passed: sign * job.passed,
    errored: sign * job.errored,
    failed: sign * job.failed,
    not_applicable: sign * job.not_applicable,
    warned: sign * job.warned,
    unfinished: sign * job.unfinished,
  })
}
