// The routes of the data of jobs and tests.

import { Elysia } from 'elysia'
import { crudRoutes } from '../core/crud-routes'
import { namedJob } from '../core/job-reference'
import type { ResultServices } from '../core/services'
import { readJobData, readTestData } from './answers'
import { jobDatumItem, newDatum, testDatumItem } from './model'
import {
  addJobDatum,
  addTestDatum,
  changeJobDatum,
  changeTestDatum,
  deleteJobDatum,
  deleteTestDatum,
} from './queries'

export function dataRoutes(services: ResultServices) {
  return new Elysia({ name: 'data' })
    .use(
      crudRoutes(services, {
        path: '/jobs/:job/data/',
        job: namedJob,
        nouns: ['a datum of a job', 'the data of a job'],
        tag: 'Jobs',
        item: jobDatumItem,
        shape: newDatum,
        reads: readJobData,
        add: addJobDatum,
        change: changeJobDatum,
        remove: deleteJobDatum,
        location: ({ jobId }) => ['jobs', jobId, 'data'],
        added: { sentence: 'job data added' },
      }),
    )
    .use(
      crudRoutes(services, {
        path: '/jobs/:job/tests/:test/data/',
        job: namedJob,
        nouns: ['a datum of a test', 'the data of a test'],
        tag: 'Tests',
        item: testDatumItem,
        shape: newDatum,
        reads: readTestData,
        add: addTestDatum,
        change: changeTestDatum,
        remove: deleteTestDatum,
        location: ({ jobId, test }) => ['jobs', jobId, 'tests', test, 'data'],
        added: { sentence: 'test data added' },
      }),
    )
}
