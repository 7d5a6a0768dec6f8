// The query behind GET /jobs/:job/verdict/.

import { defineRequestQuery } from '../../http/resource/request-query'
import { getJob, type JobRow } from '../../results/core/job-reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import type { FoundItem, JobVerdictItem } from './model'
import type { StoredVerdict } from './stored'
import { explainVerdict } from './words'

export const jobVerdict = defineRequestQuery(
  'jobVerdict',
  async (connection, _, { job }: { job: string }) => {
    const row = await getJob(connection, job)
    return withRowBudget(0, () => verdictItemOf(connection, row))
  },
)

async function verdictItemOf(connection: Connection, job: JobRow): Promise<JobVerdictItem> {
  const { found, set, why } = await explainVerdict(connection, job.number)
  return {
    job: job.id,
    job_number: job.number,
    verdict: set?.verdict ?? found?.verdict ?? 'none',
    ...why,
    found: found ? toFound(found) : null,
    failed: job.failed + job.errored,
    ...(await incompleteOf(connection)),
  }
}

export function toFound(stored: StoredVerdict): FoundItem {
  const { verdict, expected, broken, errors, runs, passed_again, ran_again, excused } = stored
  return {
    verdict,
    recovered: stored.recovered === 1,
    ...{ expected, broken, errors, runs, passed_again, ran_again, excused },
    selective: stored.selective === 1,
    relapses: stored.relapses,
  }
}
