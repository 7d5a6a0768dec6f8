// Imports the files of a form one after another, each as an import of its own: a bad file does not affect the others.

import { Invalid, isCallersFault } from '../lib/errors'
import { ImportedJobs, type ImportResult } from './import-result'
import { type Part, readParts } from './multipart'
import { MAX_REFUSALS, shortenSentences } from './ndjson'

/** Options belong in the query, where they are known before the body is read. */
const OPTIONS = new Set(['format', 'files', 'job', 'description', 'time', 'label'])
const MAX_FILE_NAME = 255

type Bytes = AsyncGenerator<Uint8Array>

/**
 * Imports each file.
 *
 * @throws the error of the only file; any error of the body itself.
 */
export async function importFormFiles(
  body: Bytes,
  boundary: string,
  importOne: (bytes: Bytes) => Promise<ImportResult>,
): Promise<ImportResult> {
  const source = new WatchedSource(body)
  const all: ImportResult = { jobs: new ImportedJobs(), refused: [], refusedCount: 0 }
  let parts = 0
  let only: unknown
  for await (const part of filesIn(source.bytes(), boundary)) {
    parts++
    const file = nameOf(part)
    try {
      const { jobs, refused, refusedCount } = await importOne(part.chunks)
      all.jobs.addAll(jobs)
      all.refused.push(...refused.map((refusal) => ({ file, ...refusal })))
      all.refusedCount += refusedCount
    } catch (error) {
      if (source.hasFailed || !isCallersFault(error)) throw error
      all.refused.push({ file, ...shortenSentences(error.body) })
      all.refusedCount++
      only = error
    }
    all.refused.splice(MAX_REFUSALS)
  }
  if (parts === 1 && only !== undefined) throw only
  if (parts === 0)
    throw new Invalid({ non_field_errors: 'The form holds no file: send one as file=@results.xml.' })
  return all
}

/** The only file of a form, for an import with `?job=`. @throws Invalid when there are more */
export async function* onlyFormFile(body: Bytes, boundary: string): Bytes {
  let parts = 0
  for await (const { chunks } of filesIn(body, boundary)) {
    if (++parts > 1)
      throw new Invalid({ job: 'There are several files in it, which cannot all have this id.' })
    yield* chunks
  }
}

async function* filesIn(body: Bytes, boundary: string): AsyncGenerator<Part> {
  for await (const part of readParts(body, boundary)) {
    if (part.file === null && OPTIONS.has(part.name)) {
      throw new Invalid({ [part.name]: `It belongs into the URL: /imports/?${part.name}=...` })
    }
    yield part
  }
}

function nameOf({ name, file }: Part): string {
  return (file || name).slice(0, MAX_FILE_NAME).toWellFormed()
}

/** Records whether the body itself failed, after which nothing more arrives; other errors concern one part. */
class WatchedSource {
  hasFailed = false

  constructor(readonly source: Bytes) {}

  async *bytes(): Bytes {
    try {
      yield* this.source
    } catch (error) {
      this.hasFailed = true
      throw error
    }
  }
}
