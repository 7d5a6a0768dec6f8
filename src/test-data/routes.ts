// Data of jobs and of tests.

import { Elysia } from 'elysia'
import { collectionRoutes } from '../collections/routes'
import type { Context } from '../context'
import { getJob, ownerOf } from '../jobs/reference'
import { getTestOwner } from '../tests/queries'
import { type DatumRow, jobDatumItem, newDatum, testDatumItem } from './model'
import {
  addJobDatum,
  addTestDatum,
  changeJobDatum,
  changeTestDatum,
  deleteJobDatum,
  deleteTestDatum,
  jobData,
  testData,
} from './queries'

export function dataRoutes(context: Context) {
  const toJobDatum = ({ id, ...datum }: DatumRow, job: string) => ({ id, job, ...datum })
  const toTestDatum = ({ id, ...datum }: DatumRow, test: number) => ({ id, test, ...datum })

  return new Elysia({ name: 'data' })
    .use(
      collectionRoutes(context, {
        path: '/jobs/:job/data/',
        nouns: ['a datum of a job', 'the data of a job'],
        tag: 'Jobs',
        item: jobDatumItem,
        shape: newDatum,
        owner: (connection, { job }, options) => ownerOf(getJob(connection, job, options)),
        count: (connection, { job }) => jobData.count(connection, job),
        list: (connection, { job, jobId }, slice) =>
          jobData.list(connection, job, slice).map((row) => toJobDatum(row, jobId)),
        find: (connection, { job, jobId }, id) => {
          const row = jobData.find(connection, { owner: job, id })
          return row && toJobDatum(row, jobId)
        },
        add: addJobDatum,
        change: changeJobDatum,
        remove: deleteJobDatum,
        location: ({ jobId }) => ['jobs', jobId, 'data'],
        added: { sentence: 'job data added' },
      }),
    )
    .use(
      collectionRoutes(context, {
        path: '/jobs/:job/tests/:test/data/',
        nouns: ['a datum of a test', 'the data of a test'],
        tag: 'Tests',
        item: testDatumItem,
        shape: newDatum,
        owner: getTestOwner,
        count: (connection, { test }) => testData.count(connection, test),
        list: (connection, { test }, slice) =>
          testData.list(connection, test, slice).map((row) => toTestDatum(row, test)),
        find: (connection, { test }, id) => {
          const row = testData.find(connection, { owner: test, id })
          return row && toTestDatum(row, test)
        },
        add: addTestDatum,
        change: changeTestDatum,
        remove: deleteTestDatum,
        location: ({ jobId, test }) => ['jobs', jobId, 'tests', test, 'data'],
        added: { sentence: 'test data added' },
      }),
    )
}
