// The files of a form, one after another, each an import of its own: a bad one does not keep the others out.

import { Invalid, isCallersFault } from '../lib/errors'
import { type Part, readParts } from './multipart'
import { MAX_REFUSALS, sayBriefly } from './ndjson'
import { type Imported, Outcomes } from './outcome'

/** Fields that belong into the query: there they are known before anything is read. */
const OPTIONS = new Set(['format', 'files', 'job', 'description', 'time', 'label'])
const MAX_FILE_NAME = 255

type Bytes = AsyncGenerator<Uint8Array>

/**
 * Imports each file.
 *
 * @throws what the only file was refused with; whatever the body itself fails with.
 */
export async function importParts(
  body: Bytes,
  boundary: string,
  importOne: (bytes: Bytes) => Promise<Imported>,
): Promise<Imported> {
  const source = new Watched(body)
  const all: Imported = { jobs: new Outcomes(), refused: [], refusedCount: 0 }
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
      all.refused.push({ file, ...sayBriefly(error.body) })
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

/** The one file of a form whose job has a name already. @throws Invalid when there are more */
export async function* onlyPart(body: Bytes, boundary: string): Bytes {
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

/** Tells whether a failure is that of the body, after which nothing more comes, or of what a part holds. */
class Watched {
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
