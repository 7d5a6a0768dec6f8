// Reads the jobs that an event is about.

import { mapInTurn } from '../lib/cooperative'
import { findJobByNumber } from '../results/core/job-reference'
import { toJob } from '../results/jobs/model'
import { defineQuery } from '../storage/database'

/** The current state of these jobs, by number. */
export const changedJobs = defineQuery('changedJobs', (connection, numbers: number[]) =>
  mapInTurn(numbers, async (number) => {
    const row = await findJobByNumber(connection, String(number))
    return row ? toJob(row, { outcomes: true }) : { number, deleted: true }
  }),
)
