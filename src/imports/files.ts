// The files of an import, named by the job and its tests.

import type { Context } from '../context'
import { fileId, jobFiles, testFiles } from '../files/queries'
import type { StoredContent } from '../files/store'
import { NotFound } from '../http/errors'
import { requireJob } from '../jobs/reference'
import { defineWrite } from '../storage/database'
import type { Microseconds } from '../time'
import type { Directory } from './directory'
import { findStored } from './merge'

type ReportFiles = Directory<StoredContent>['files']

/** Files that one transaction takes at most: small ones bring their content. */
const MAX_FILES = 200

const nameSome = defineWrite(
  'nameFiles',
  (
    connection,
    { job, isNew, files, now }: { job: number; isNew: boolean; files: ReportFiles; now: Microseconds },
  ) => {
    if (!isNew) requireJob(connection, job) // one that is being deleted lets go of its files, and would not of these
    const counts = { added: 0, changed: 0, unchanged: 0 }
    for (const { tag, path, content } of files) {
      const file = fileId(connection, content, now)
      if (tag === undefined) {
        counts[jobFiles.nameFile(connection, { owner: job, path }, file)]++
        continue
      }
      const test = findStored(connection, job, tag)
      if (!test) throw new NotFound()
      counts[testFiles.nameFile(connection, { owner: test.id, path }, file)]++
    }
    if (!isNew) connection.touch(job) // a new one is hidden yet
    return counts
  },
  { hasBytes: true },
)

/**
 * @param isNew  the job is hidden yet.
 * @returns how many names are new, changed, and were there already
 */
export async function nameFiles(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  job: number,
  files: ReportFiles,
  { isNew }: { isNew: boolean },
) {
  const counts = { added: 0, changed: 0, unchanged: 0 }
  for (let start = 0; start < files.length; start += MAX_FILES) {
    const some = files.slice(start, start + MAX_FILES)
    const { added, changed, unchanged } = await database.write(nameSome, {
      job,
      isNew,
      files: some,
      now: clock(),
    })
    counts.added += added
    counts.changed += changed
    counts.unchanged += unchanged
  }
  return counts
}
