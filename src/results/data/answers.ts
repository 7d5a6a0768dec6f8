// The queries behind the GET routes of data. They also show the files of a job or test as data.

import type { Slice } from '../../http/resource/pagination'
import type { Connection } from '../../storage/query'
import { defineCrudQueries } from '../core/crud-queries'
import { type FileRow, jobFiles, testFiles } from '../core/files'
import { getJob, type JobRef, jobRefOf } from '../core/job-reference'
import { getTestOwner, type TestOwner } from '../tests/reference'
import type { DatumRow } from './model'
import { jobData, testData } from './queries'

/** A datum, or a file shown as a datum, whose id is null. */
type ShownDatum = Omit<DatumRow, 'id'> & { id: number | null }

/** Shows a file as a datum, as the published documentation proposes. `value` is the path below the owner's URL. */
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

/** A slice of the data followed by the files. */
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

const toJobDatum = ({ id, ...datum }: ShownDatum, job: string) => ({ id, job, ...datum })
const toTestDatum = ({ id, ...datum }: ShownDatum, test: number) => ({ id, test, ...datum })

export const readJobData = defineCrudQueries<JobRef>('datum of a job', {
  owner: (connection, { job }, options) => jobRefOf(getJob(connection, job, options)),
  rowsToCount: (connection, { job }) =>
    jobData.countSome(connection, job) + jobFiles.countSome(connection, job),
  count: (connection, { job }) => countAll(connection, job, jobData, jobFiles),
  list: (connection, { job, jobId }, slice) =>
    listAll(connection, job, slice, jobData, jobFiles).map((row) => toJobDatum(row, jobId)),
  find: (connection, { job, jobId }, id) => {
    const row = jobData.find(connection, { owner: job, id })
    return row && toJobDatum(row, jobId)
  },
})

export const readTestData = defineCrudQueries<TestOwner>('datum of a test', {
  owner: getTestOwner,
  rowsToCount: (connection, { test }) =>
    testData.countSome(connection, test) + testFiles.countSome(connection, test),
  count: (connection, { test }) => countAll(connection, test, testData, testFiles),
  list: (connection, { test }, slice) =>
    listAll(connection, test, slice, testData, testFiles).map((row) => toTestDatum(row, test)),
  find: (connection, { test }, id) => {
    const row = testData.find(connection, { owner: test, id })
    return row && toTestDatum(row, test)
  },
})
