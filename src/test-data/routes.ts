// Data of jobs and of tests.

import { Elysia } from 'elysia'
import { collectionRoutes } from '../collections/routes'
import type { Context } from '../context'
import { type FileRow, jobFiles, testFiles } from '../files/queries'
import type { Slice } from '../http/pagination'
import { getJob, getJobToChange, namedJob, ownerOf } from '../jobs/reference'
import type { Connection } from '../storage/query'
import { getTestOwner, getTestOwnerToChange } from '../tests/reference'
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

/** A datum, or a file shown as one: that has no id. */
type ShownDatum = Omit<DatumRow, 'id'> & { id: number | null }

/** As the published documentation proposes, files are data, too: `value` is the path below the owner's URL. */
function toDatum({ path }: FileRow): ShownDatum {
  return { id: null, category: 'log_file_path', key: path, value: `files/${path}` }
}

function countAll(
  connection: Connection,
  owner: number,
  data: typeof testData,
  files: typeof testFiles,
): number {
  return data.count(connection, owner) + files.count(connection, owner)
}

/** The data, and behind them the files: a view of these, not rows of their own. */
function listAll(
  connection: Connection,
  owner: number,
  { limit, offset }: Slice,
  data: typeof testData,
  files: typeof testFiles,
): ShownDatum[] {
  const rows = data.list(connection, owner, { limit, offset })
  const room = limit - rows.length
  if (room === 0) return rows
  const before = Math.max(0, offset - data.count(connection, owner))
  return [...rows, ...files.list(connection, owner, { limit: room, offset: before }).map(toDatum)]
}

export function dataRoutes(context: Context) {
  const toJobDatum = ({ id, ...datum }: ShownDatum, job: string) => ({ id, job, ...datum })
  const toTestDatum = ({ id, ...datum }: ShownDatum, test: number) => ({ id, test, ...datum })

  return new Elysia({ name: 'data' })
    .use(
      collectionRoutes(context, {
        path: '/jobs/:job/data/',
        job: namedJob,
        nouns: ['a datum of a job', 'the data of a job'],
        tag: 'Jobs',
        item: jobDatumItem,
        shape: newDatum,
        owner: (connection, { job }, options) => ownerOf(getJob(connection, job, options)),
        ownerToChange: (connection, { job }, user) => ownerOf(getJobToChange(connection, job, user)),
        count: (connection, { job }) => countAll(connection, job, jobData, jobFiles),
        list: (connection, { job, jobId }, slice) =>
          listAll(connection, job, slice, jobData, jobFiles).map((row) => toJobDatum(row, jobId)),
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
        job: namedJob,
        nouns: ['a datum of a test', 'the data of a test'],
        tag: 'Tests',
        item: testDatumItem,
        shape: newDatum,
        owner: getTestOwner,
        ownerToChange: getTestOwnerToChange,
        count: (connection, { test }) => countAll(connection, test, testData, testFiles),
        list: (connection, { test }, slice) =>
          listAll(connection, test, slice, testData, testFiles).map((row) => toTestDatum(row, test)),
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
