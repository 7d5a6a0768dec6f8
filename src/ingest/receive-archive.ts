// Reads an archive with directories of jobs as it arrives. Documents are kept in memory until the end, and other files go
// into the store at once; they get their names when the jobs are known.

import { piecesOf } from '../blobs/pieces'
import type { FileStore, StoredContent } from '../blobs/store'
import { BadRequest } from '../lib/errors'
import { LeftOut, readArchive } from './archive'
import { peek, readWhole, streamOf } from './body'
import {
  type ArchivedFile,
  isDocument,
  isFact,
  isReadAtFirst,
  MAX_DOCUMENT_BYTES,
  MAX_JOBS,
  maxBytesOf,
  tooManyJobs,
} from './directory'
import { readReports } from './documents'
import type { ArchiveName } from './formats/registry'
import { type Imported, Outcomes } from './outcome'
import { nameRun } from './run'
import type { IngestServices } from './services'
import { type ImportOptions, severalJobs, storeWithFiles } from './store-import'

/** Of logs the beginning is read. */
const BEGINNING_BYTES = 64 * 1024
/** What is read of sysinfo and jobdata, in bytes: it is in memory until the archive has come. */
const MAX_FACTS_BYTES = 32 * 1024 * 1024
const TOO_MANY_FACTS =
  'Of sysinfo and jobdata the first 32 MiB were read; the other files were stored unread.'

/** @throws BadRequest, Invalid: nothing of it is stored */
export async function importArchive(
  services: IngestServices,
  store: FileStore,
  source: AsyncGenerator<Uint8Array>,
  format: ArchiveName,
  options: ImportOptions,
): Promise<Imported> {
  const { config } = services
  const keep = options.files && config.files
  using hold = store.hold()
  const warnings: string[] = []
  const documents = new Map<string, Uint8Array>()
  const files: ArchivedFile<StoredContent>[] = []
  let documentBytes = 0
  let jobCount = 0
  let factBytes = 0
  /** Whether there is room to read this one, which a job can be without. */
  const isTooMuch = (path: string, size: number) => {
    if (!isFact(path) || factBytes + size <= MAX_FACTS_BYTES) return false
    if (factBytes <= MAX_FACTS_BYTES) warnings.push(TOO_MANY_FACTS)
    factBytes = Number.POSITIVE_INFINITY
    return true
  }
  const put = async (path: string, chunks: AsyncIterable<Uint8Array>) =>
    files.push({ path, content: await store.put(chunks, config.maxFileBytes, hold) })
  const addDocument = (path: string, bytes: Uint8Array) => {
    if (isFact(path)) factBytes += bytes.length
    else documentBytes += bytes.length
    if (documentBytes > 2 * MAX_DOCUMENT_BYTES) {
      throw new BadRequest(
        `The results and journals in the archive are larger than ${2 * MAX_DOCUMENT_BYTES} bytes.`,
      )
    }
    documents.set(path, bytes)
    // Before the rest of them is stored for nothing.
    if (path.endsWith('results.json') && ++jobCount > MAX_JOBS) throw tooManyJobs()
  }
  const archive = readArchive(streamOf(source), format, {
    limits: { fileBytes: config.maxFileBytes, entries: config.maxEntries },
    folder: store.temporaryFolder,
    isEssential: isDocument,
    warn: (sentence) => warnings.push(sentence),
  })
  for await (const { path, size, chunks } of archive) {
    const isFile = keep && size <= config.maxFileBytes
    try {
      if (!isDocument(path) || size > maxBytesOf(path) || isTooMuch(path, size)) {
        if (isDocument(path) && size > maxBytesOf(path)) warnings.push(unread(path, maxBytesOf(path)))
        const content = isReadAtFirst(path) ? await peek(generatorOf(chunks()), BEGINNING_BYTES) : undefined
        if (content) addDocument(path, content.head)
        if (isFile) await put(path, content?.whole ?? chunks())
        continue
      }
      const bytes = await readWhole(chunks(), maxBytesOf(path))
      addDocument(path, bytes)
      if (isFile) await put(path, piecesOf(bytes))
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error
    }
  }
  const jobs = new Outcomes()
  const given = { zone: config.zone, documents: [...documents], paths: files.map(({ path }) => path) }
  const directories = await readReports(services, given, options.network).catch((error) => {
    throw error instanceof BadRequest ? withWarnings(error, warnings) : error
  })
  if (directories.length > 1 && options.run.job !== undefined) throw severalJobs()
  for (const { report, files: placed } of directories) {
    const own = placed.flatMap(({ tag, path, index }) => {
      const file = files[index]
      return file ? [{ tag, path, content: file.content }] : []
    })
    const named = nameRun(report, options.run, { madeId: false })
    const job = await storeWithFiles(services, store, named, own, options)
    // What is said of the archive is said with its first job.
    jobs.add(jobs.count === 0 ? { ...job, warnings: [...job.warnings, ...warnings] } : job)
  }
  return { jobs, refused: [], refusedCount: 0 }
}

async function* generatorOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** What was left out may be why it cannot be read. */
function withWarnings({ body }: BadRequest, warnings: string[]): BadRequest {
  return new BadRequest([body.detail, ...warnings.slice(0, 3)].join(' '))
}

function unread(path: string, maxBytes: number): string {
  return `"${path}" was not read: it is larger than ${maxBytes} bytes.`
}
