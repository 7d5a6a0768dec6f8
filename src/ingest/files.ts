// Attaches the files of an import to the job and its tests.

import { chunksOf } from '../blobs/chunks'
import type { FileStore, Hold, StoredContent } from '../blobs/store'
import { NotFound } from '../lib/errors'
import type { Microseconds } from '../lib/time'
import { fileId, jobFiles, testFiles } from '../results/core/files'
import { requireJob } from '../results/core/job-reference'
import { bytesOf, ChunkSize } from '../storage/chunked-writes'
import { defineWrite } from '../storage/database'
import type { JobDirectory } from './directory'
import { findStoredTest } from './find-stored'
import type { ReportFile } from './model'
import type { IngestServices } from './services'

type ReportFiles = JobDirectory<StoredContent>['files']

/** Files in one transaction. */
const MAX_FILES = 200

export const nameFilesPart = defineWrite(
  'nameFiles',
  async (
    connection,
    { job, isNew, files, now }: { job: number; isNew: boolean; files: ReportFiles; now: Microseconds },
  ) => {
    if (!isNew) await requireJob(connection, job) // the deletion of a job would miss files that are added while it runs
    const counts = { added: 0, changed: 0, unchanged: 0 }
    for (const { tag, path, content } of files) {
      const file = await fileId(connection, content, now)
      if (tag === undefined) {
        counts[await jobFiles.setFile(connection, { owner: job, path }, file)]++
        continue
      }
      const test = await findStoredTest(connection, job, tag)
      if (!test) throw new NotFound()
      counts[await testFiles.setFile(connection, { owner: test.id, path }, file)]++
    }
    if (!isNew) connection.markChanged('job', job) // a new job is still hidden
    return counts
  },
  { hasBytes: true },
)

/**
 * Stores the contents of the files that a report carries.
 *
 * @param otherFiles  how many other files the import has.
 * @param hold  keeps the contents from being deleted until the job refers to them.
 * @param warn  gets a sentence on files that are left out.
 */
export async function putFiles(
  store: FileStore,
  files: readonly ReportFile[],
  { maxFileBytes, maxEntries }: { maxFileBytes: number; maxEntries: number },
  { otherFiles, hold, warn }: { otherFiles: number; hold: Hold; warn: (sentence: string) => void },
): Promise<ReportFiles> {
  const stored: ReportFiles = []
  const wanted = files.slice(0, Math.max(0, maxEntries - otherFiles))
  if (wanted.length < files.length) {
    warn(
      `The import has more than ${maxEntries} files (--max-entries): ${files.length - wanted.length} outputs were left out.`,
    )
  }
  for (const { tag, path, content } of wanted) {
    if (content.length > maxFileBytes) {
      warn(
        `The file ${path}${tag === undefined ? '' : ` of ${tag}`} is larger than ${maxFileBytes} bytes, and was left out.`,
      )
      continue
    }
    stored.push({ tag, path, content: await store.put(chunksOf(content), maxFileBytes, hold) })
  }
  return stored
}

/**
 * @param isNew  the job is still hidden.
 * @returns how many files are new, changed and unchanged
 */
export async function nameFiles(
  { database, clock }: Pick<IngestServices, 'database' | 'clock'>,
  job: number,
  files: ReportFiles,
  { isNew }: { isNew: boolean },
) {
  const counts = { added: 0, changed: 0, unchanged: 0 }
  for (const part of fileParts(files)) {
    const { added, changed, unchanged } = await database.write(nameFilesPart, {
      job,
      isNew,
      files: part,
      now: clock(),
    })
    counts.added += added
    counts.changed += changed
    counts.unchanged += unchanged
  }
  return counts
}

/** Splits a list of files into transactions, limited by number and by bytes: small files include their contents. */
export function* fileParts(files: ReportFiles): Generator<ReportFiles> {
  let part: ReportFiles = []
  let portion = new ChunkSize()
  for (const file of files) {
    const bytes = bytesOf(file.path) + (file.content.content?.length ?? 0)
    if (part.length === MAX_FILES || !portion.hasRoom(bytes)) {
      yield part
      part = []
      portion = new ChunkSize()
    }
    portion.add(bytes)
    part.push(file)
  }
  if (part.length > 0) yield part
}
