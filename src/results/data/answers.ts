// The queries behind the GET routes of data. They also show the files of a job or test as data.

import type { Slice } from '../../http/resource/pagination'
import type { Connection } from '../../storage/query'
import { defineCrudQueries } from '../core/crud-queries'
import { type FileRow, jobFiles, testFiles } from '../core/files'
import { getJob, getJobToChange, type JobRef, jobRefOf } from '../core/job-reference'
import { getTestOwner, getTestOwnerToChange, type TestOwner } from '../tests/reference'
import type { DatumRow } from './model'
import { jobData, testData } from './queries'

/** A datum, or a file shown as a datum, whose id is null. */
type ShownDatum = Omit<DatumRow, 'id'> & { id: number | null }

/** Shows a file as a datum, as the published documentation proposes. `value` is the path below the owner's URL. */
function toDatum({ path }: FileRow): ShownDatum {
  return { id: null, category: 'log_file_path', key: path, value: `files/${path}` }
}

async function countAll(
  connection: Connection,
  owner: number,
  data: typeof testData,
  files: typeof testFiles,
): Promise<number> {
  return (await data.count(connection, owner)) + (await files.count(connection, owner))
}

/** A slice of the data followed by the files. */
async function listAll(
  connection: Connection,
  owner: number,
  { limit, offset }: Slice,
  data: typeof testData,
  files: typeof testFiles,
): Promise<ShownDatum[]> {
  const rows = await data.list(connection, owner, { limit, offset })
  const room = limit - rows.length
  if (room === 0) return rows
  const before = Math.max(0, offset - (await data.count(connection, owner)))
  return [...rows, ...(await files.list(connection, owner, { limit: room, offset: before })).map(toDatum)]
}

const toJobDatum = ({ id, ...datum }: ShownDatum, job: string) => ({ id, job, ...datum })
const toTestDatum = ({ id, ...datum }: ShownDatum, test: number) => ({ id, test, ...datum })

export const readJobData = defineCrudQueries<JobRef>('datum of a job', {
  owner: async (connection, { job }, options) => jobRefOf(await getJob(connection, job, options)),
  ownerToChange: async (connection, { job }, user) => jobRefOf(await getJobToChange(connection, job, user)),
  rowsToCount: async (connection, { job }) =>
    (await jobData.countSome(connection, job)) + (await jobFiles.countSome(connection, job)),
  count: (connection, { job }) => countAll(connection, job, jobData, jobFiles),
  list: async (connection, { job, jobId }, slice) =>
    (await listAll(connection, job, slice, jobData, jobFiles)).map((row) => toJobDatum(row, jobId)),
  find: async (connection, { job, jobId }, id) => {
    const row = await jobData.find(connection, { owner: job, id })
    return row && toJobDatum(row, jobId)
  },
})

export const readTestData = defineCrudQueries<TestOwner>('datum of a test', {
  owner: getTestOwner,
  ownerToChange: getTestOwnerToChange,
  rowsToCount: async (connection, { test }) =>
    (await testData.countSome(connection, test)) + (await testFiles.countSome(connection, test)),
  count: (connection, { test }) => countAll(connection, test, testData, testFiles),
  list: async (connection, { test }, slice) =>
    (await listAll(connection, test, slice, testData, testFiles)).map((row) => toTestDatum(row, test)),
  find: async (connection, { test }, id) => {
    const row = await testData.find(connection, { owner: test, id })
    return row && toTestDatum(row, test)
  },
})
