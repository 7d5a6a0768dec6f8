// Changes a group that is posted again with its uuid, or as an object in a result.

import { NotFound } from '../../../lib/errors'
import { findVisibleJob } from '../../../results/core/job-reference'
import { jobData } from '../../../results/data/queries'
import { changeJob } from '../../../results/jobs/queries'
import { defineWrite } from '../../../storage/database'
import { type Connection, query, tables } from '../../../storage/query'
import { isFolderName } from '../../job-description'
import { type GroupChange, REF_URL, RESULTSDB_CATEGORY } from './model'

const datum = query<{ job: number; category: string; key: string }>()((param) =>
  tables
    .selectFrom('job_data')
    .select(['id', 'value'])
    .where('job', '=', param('job'))
    .where('category', '=', param('category'))
    .where('key', '=', param('key')),
)

type Changes = GroupChange & { id: string }

/** @throws NotFound when the job was deleted */
export const updateGroup = defineWrite(
  'updateGroup',
  async (connection, { id, description, refUrl }: Changes): Promise<void> => {
    const job = await findVisibleJob(connection, id)
    if (!job) throw new NotFound()
    // Avocado's plugin sends the folder's name repeatedly. It must not replace a better description.
    const isName = description && !(isFolderName(description) && job.description !== null)
    if ((isName || description === null) && description !== job.description) {
      await changeJob.run(connection, { job: job.number, value: { description } })
    }
    if (refUrl !== undefined) await setRefUrl(connection, job.number, refUrl)
  },
)

async function setRefUrl(connection: Connection, job: number, value: string | null): Promise<void> {
  const stored = await connection.first(datum, { job, category: RESULTSDB_CATEGORY, key: REF_URL })
  if ((stored?.value ?? null) === value) return
  if (stored && value === null) await jobData.remove(connection, { owner: job, id: stored.id })
  else if (stored) await jobData.change(connection, { owner: job, id: stored.id }, { value })
  else await jobData.store(connection, job, { category: RESULTSDB_CATEGORY, key: REF_URL, value })
  connection.markChanged('job', job)
}
