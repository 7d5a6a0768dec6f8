// The status of a job whose tests are reported one by one, by a client that says nothing of the job itself.

import { type Connection, query, tables } from '../../storage/query'
import { jobColumns } from './job-reference'
import { deriveJobStatus } from './job-status'
import { reindexJob } from './visibility'

const jobOf = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .select([...jobColumns, 'status_by_client'])
    .where('number', '=', param('job')),
)
export const setJobStatus = query<{ job: number; status: number | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ status: param('status') })
    .where('number', '=', param('job')),
)

/** Gives a job the status that its tests make, unless a client has given it one. */
export function settleJob(connection: Connection, job: number): void {
  const row = connection.first(jobOf, { job })
  if (!row || row.status_by_client === 1) return
  const status = deriveJobStatus(row, { stale: false })
  if (status === row.status) return
  connection.run(setJobStatus, { job, status })
  connection.markChanged('job', job)
  reindexJob(connection, row, { ...row, status })
}
