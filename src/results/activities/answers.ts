// The queries behind the GET routes of activities.

import { defineCrudQueries } from '../core/crud-queries'
import { getJob, getJobToChange, type JobRef, jobRefOf } from '../core/job-reference'
import { getTestOwner, getTestOwnerToChange, type TestOwner } from '../tests/reference'
import { toJobActivity, toTestActivity } from './model'
import { jobActivities, testActivities } from './queries'

export const readJobActivities = defineCrudQueries<JobRef>('activity of a job', {
  owner: async (connection, { job }, options) => jobRefOf(await getJob(connection, job, options)),
  ownerToChange: async (connection, { job }, user) => jobRefOf(await getJobToChange(connection, job, user)),
  rowsToCount: (connection, { job }) => jobActivities.maxCount(connection, job),
  count: (connection, { job }) => jobActivities.count(connection, job),
  list: async (connection, { job, jobId }, slice) =>
    (await jobActivities.list(connection, job, slice)).map((row) => toJobActivity(row, jobId)),
  find: async (connection, { job, jobId }, id) => {
    const row = await jobActivities.find(connection, { owner: job, id })
    return row && toJobActivity(row, jobId)
  },
})

export const readTestActivities = defineCrudQueries<TestOwner>('activity of a test', {
  owner: getTestOwner,
  ownerToChange: getTestOwnerToChange,
  rowsToCount: (connection, { test }) => testActivities.maxCount(connection, test),
  count: (connection, { test }) => testActivities.count(connection, test),
  list: async (connection, { test }, slice) =>
    (await testActivities.list(connection, test, slice)).map((row) => toTestActivity(row, test)),
  find: async (connection, { test }, id) => {
    const row = await testActivities.find(connection, { owner: test, id })
    return row && toTestActivity(row, test)
  },
})
