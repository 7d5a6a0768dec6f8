// Updates the status of a job whose client reports tests one by one and sends no status of the job.

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

/** Stores the status that a job's tests give it, unless a client has set its status. */
export async function refreshJobStatus(connection: Connection, job: number): Promise<void> {
  const row = await connection.first(jobOf, { job })
  if (!row || row.status_by_client === 1) return
  const status = deriveJobStatus(row, { stale: false })
  if (status === row.status) return
  await connection.run(setJobStatus, { job, status })
  connection.markChanged('job', job)
  await reindexJob(connection, row, { ...row, status })
}
