// The queries behind the lists of files of jobs and tests.

import { contentType } from '../../blobs/content-type'
import { originOf, type RequestLike } from '../../http/request/links'
import { paginateWithBudget } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { defineQuery } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { type FileRow, jobFiles, testFiles } from '../core/files'
import { getJob, jobRefOf } from '../core/job-reference'
import { getTestOwner } from '../tests/reference'

export type FileParams = { job?: string; test?: string }
type Location = (string | number)[]

/** What differs between the files of jobs and the files of tests. */
interface FilesOf {
  noun: string
  files: typeof jobFiles
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: FileParams): Promise<{ id: number; location: Location }>
}

export const filesOfJobs = defineFiles({
  noun: 'job',
  files: jobFiles,
  async owner(connection, params) {
    const { job, jobId } = jobRefOf(await getJob(connection, params.job))
    return { id: job, location: ['jobs', jobId, 'files'] }
  },
})

export const filesOfTests = defineFiles({
  noun: 'test',
  files: testFiles,
  async owner(connection, params) {
    const { jobId, test } = await getTestOwner(connection, params, { deleting: false })
    return { id: test, location: ['jobs', jobId, 'tests', test, 'files'] }
  },
})

/** Adds the query for a page, which counts all files and scans them up to the end of the page. */
function defineFiles(of: FilesOf) {
  const { noun, files, owner } = of
  const page = defineRequestQuery(
    `page of file of a ${noun}`,
    async (connection, request, params: FileParams) => {
      const { id, location } = await owner(connection, params)
      return withRowBudget<object>(await files.countSome(connection, id), async () =>
        paginateWithBudget(request, await files.count(connection, id), (slice) =>
          withRowBudget(slice.offset + slice.limit, async () =>
            (await files.list(connection, id, slice)).map((file) => toFile(request, location, file)),
          ),
        ),
      )
    },
  )
  const find = defineQuery(
    `file of a ${noun}`,
    async (connection, { params, path }: { params: FileParams; path: string }) =>
      files.find(connection, { owner: (await owner(connection, params)).id, path }),
  )
  return { noun, find, page }
}

function toFile(request: RequestLike, location: Location, { path, size }: FileRow) {
  // link() would not do: a file's path has slashes inside and none at its end.
  const parts = [...location, ...path.split('/')].map(encodeURIComponent)
  return { path, size, type: contentType(path), url: `${originOf(request)}/${parts.join('/')}` }
}
