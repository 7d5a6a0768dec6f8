// From the body of an import to what is stored: what it is, what it holds, and what became of it.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Identity } from '../auth/credentials'
import type { Context } from '../context'
import type { FileStore, StoredContent } from '../files/store'
import { bodyBytes } from '../http/body-bytes'
import { BadRequest, HttpError, Invalid } from '../http/errors'
import { foreignReportIn } from '../jobs/foreign-reports'
import { inTurns } from '../turns'
import { type ArchiveFormat, LeftOut, readArchive } from './archive'
import { peek, readLines, readWhole, streamOf, whileRoom } from './body'
import { ImportCounts } from './counts'
import {
  type ArchivedFile,
  type Directory,
  isDocument,
  isFact,
  isReadAtFirst,
  MAX_DOCUMENT_BYTES,
  MAX_JOBS,
  maxBytesOf,
  tooManyJobs,
} from './directory'
import { nameFiles, piecesOf, putFiles } from './files'
import { detectFormat, type ImportFormat } from './formats/detect'
import { idOfContent } from './formats/reading'
import type { JobReport } from './model'
import { boundaryOf } from './multipart'
import { Refusals, readJobLine, refusalOf } from './ndjson'
import type { Imported, ImportedJob } from './outcome'
import { importParts, onlyPart } from './parts'
import { type Documents, type ReadReport, readDocuments } from './read-apart'
import { contradictionsOf, nameRun, type Run, saysAnything } from './run'
import { storeReport } from './store'

export const formats: readonly ImportFormat[] = [
  'tar',
  'gzip',
  'zstd',
  'zip',
  'sqlite',
  'xml',
  'tap',
  'results-json',
  'ndjson',
]

export interface ImportOptions {
  /** What the sender says it is; undefined: its beginning tells. */
  format: ImportFormat | undefined
  /** False: logs and other files are left out. */
  files: boolean
  run: Run
  user: Identity | undefined
  /** Throws when the right to send this has ended, after the body had come, too. */
  requireRight(): void
  /** Whose it is: see networkOf. */
  network: string
}

/**
 * What is read and not stored yet, in bytes: lines that share commits. Twice what one commit takes, so that the writer
 * finds the next when it is done; whoever else writes waits behind them, some 40 ms.
 */
const MAX_WAITING_BYTES = 256 * 1024
/** What a job costs the writer beside what its line is long. */
const LINE_OVERHEAD_BYTES = 1024
/** After so many bytes the writer gets what is read, and others get their turn on this thread. */
const TURN_BYTES = 32 * 1024
/** Of logs the beginning is read. */
const BEGINNING_BYTES = 64 * 1024
/** What is read of sysinfo and jobdata, in bytes: it is in memory until the archive has come. */
const MAX_FACTS_BYTES = 32 * 1024 * 1024
const TOO_MANY_FACTS =
  'Of sysinfo and jobdata the first 32 MiB were read; the other files were stored unread.'
/** Enough for the magic of a tar, and to tell one JSON from another. */
const HEAD_BYTES = 4096

/** @throws BadRequest, TooLarge, Invalid: nothing of the job that they are about is stored */
export async function receiveImport(
  context: Context,
  store: FileStore,
  request: Request,
  options: ImportOptions,
): Promise<Imported> {
  const limits = { ...context.config, maxBodyBytes: context.config.maxImportBytes }
  const body = whileRoom(bodyBytes(request, limits, '--max-import'), context.room)
  const importOne = (bytes: AsyncGenerator<Uint8Array>) => importBody(context, store, bytes, options)
  const boundary = boundaryOf(request)
  if (boundary === undefined) return importOne(body)
  if (options.run.job !== undefined) return importOne(onlyPart(body, boundary))
  return importParts(body, boundary, importOne)
}

async function importBody(
  context: Context,
  store: FileStore,
  body: AsyncGenerator<Uint8Array>,
  options: ImportOptions,
): Promise<Imported> {
  const counts = ImportCounts.of(context)
  let format = options.format
  try {
    const { head, whole } = await peek(body, HEAD_BYTES)
    if (head.length === 0)
      throw new BadRequest('The body is empty: send a job directory or a file with results.')
    format ??= detectFormat(head)
    if (!format) {
      throw new BadRequest(
        foreignReportIn(new TextDecoder().decode(head)) ??
          `The body is none of ${formats.join(', ')}. If it is, say which with ?format=.`,
      )
    }
    const imported = await importAs(format, context, store, whole, options)
    counts.add(format, imported.jobs.length > 0 ? 'stored' : 'refused')
    return imported
  } catch (error) {
    counts.add(format, error instanceof HttpError && error.status < 500 ? 'refused' : 'failed')
    throw error
  }
}

async function importAs(
  format: ImportFormat,
  context: Context,
  store: FileStore,
  whole: AsyncGenerator<Uint8Array>,
  options: ImportOptions,
): Promise<Imported> {
  if (format === 'ndjson') return importLines(context, store, whole, options)
  if (isArchive(format)) return importArchive(context, store, whole, format, options)
  const bytes = await readWhole(whole, MAX_DOCUMENT_BYTES)
  const given = { zone: context.config.zone, format, bytes }
  // What is sent to another thread is still read here: for the id that is made of it.
  const [{ report: read }] = (await readReports(context, given, options)) as [ReadReport]
  const madeId = format === 'xml' || format === 'tap' || read.id === idOfContent(bytes)
  const report = nameRun(read, options.run, { madeId })
  return { jobs: [await storeWithFiles(context, store, report, [], options)], refused: [], refusedCount: 0 }
}

function isArchive(format: ImportFormat): format is ArchiveFormat {
  return ['tar', 'gzip', 'zstd', 'zip'].includes(format)
}

/** In a thread for it, where there is one. @throws BadRequest, NotNow */
function readReports(
  { documents }: Context,
  given: Documents,
  { network }: ImportOptions,
): Promise<ReadReport[]> {
  return documents ? documents.read(given, network) : inTurns(readDocuments(given))
}

async function importLines(
  context: Context,
  store: FileStore,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Imported> {
  const { maxBodyBytes } = context.config
  const outcomes: Promise<ImportedJob | undefined>[] = []
  const refusals = new Refusals()
  const waiting = new Set<Promise<unknown>>()
  let waitingBytes = 0
  let turnBytes = 0
  const lines = readLines(source, maxBodyBytes)
  for await (const { number, line } of options.run.job === undefined ? lines : onlyLine(lines)) {
    const bytes = (line?.length ?? 0) + LINE_OVERHEAD_BYTES
    // One after another: those that are stored at once are stored in their order.
    const read = await readLine(context, number, line, options, refusals)
    turnBytes += bytes
    if (read) {
      const outcome = storeLine(context, store, number, read, options, refusals)
      outcomes.push(outcome)
      const settled = outcome
        .catch(() => {}) // whoever waits for all outcomes is told
        .then(() => {
          waiting.delete(settled)
          waitingBytes -= bytes
        })
      waiting.add(settled)
      waitingBytes += bytes
    }
    if (turnBytes >= TURN_BYTES) {
      turnBytes = 0
      await nextTurn()
    }
    while (waitingBytes > MAX_WAITING_BYTES) await Promise.race(waiting)
  }
  const jobs = (await Promise.all(outcomes)).filter((job) => job !== undefined)
  return { jobs, refused: refusals.first(), refusedCount: refusals.count }
}

/** @returns undefined for a blank line, and for one that is refused */
async function readLine(
  { config }: Context,
  number: number,
  line: Uint8Array | undefined,
  { run }: ImportOptions,
  refusals: Refusals,
): Promise<JobReport | undefined> {
  try {
    if (!line) throw new BadRequest(`The line is longer than ${config.maxBodyBytes} bytes (--max-body).`)
    if (isBlank(line)) return undefined
    const report = await inTurns(readJobLine(line, config))
    return saysAnything(run) ? nameRun(report, run, { madeId: report.id === idOfContent(line) }) : report
  } catch (error) {
    refusals.add(refusalOf(number, error))
    return undefined
  }
}

async function storeLine(
  context: Context,
  store: FileStore,
  number: number,
  report: JobReport,
  options: ImportOptions,
  refusals: Refusals,
): Promise<ImportedJob | undefined> {
  try {
    return await storeWithFiles(context, store, report, [], options)
  } catch (error) {
    refusals.add(refusalOf(number, error))
    return undefined
  }
}

/** The one line that there is, when all have been seen. @throws Invalid when there are more */
async function* onlyLine<L extends { line: Uint8Array | undefined }>(
  lines: AsyncIterable<L>,
): AsyncGenerator<L> {
  let only: L | undefined
  for await (const next of lines) {
    if (next.line && isBlank(next.line)) continue
    if (only) throw severalJobs()
    only = next
  }
  if (only) yield only
}

function isBlank(line: Uint8Array): boolean {
  return line.length < 100 && line.every((byte) => byte <= 0x20)
}

/** The documents of an archive are read, its files put into the store as they come, and named when all is known. */
async function importArchive(
  context: Context,
  store: FileStore,
  source: AsyncGenerator<Uint8Array>,
  format: ArchiveFormat,
  options: ImportOptions,
): Promise<Imported> {
  const { config } = context
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
  const jobs: ImportedJob[] = []
  const given = { zone: config.zone, documents: [...documents], paths: files.map(({ path }) => path) }
  const directories = await readReports(context, given, options).catch((error) => {
    throw error instanceof BadRequest ? withWarnings(error, warnings) : error
  })
  if (directories.length > 1 && options.run.job !== undefined) throw severalJobs()
  for (const { report, files: placed } of directories) {
    const own = placed.flatMap(({ tag, path, index }) => {
      const file = files[index]
      return file ? [{ tag, path, content: file.content }] : []
    })
    const named = nameRun(report, options.run, { madeId: false })
    jobs.push(await storeWithFiles(context, store, named, own, options))
  }
  jobs[0]?.warnings.push(...warnings)
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

/** @param files  those that came beside the documents of the report. */
async function storeWithFiles(
  context: Context,
  store: FileStore,
  report: JobReport,
  files: Directory<StoredContent>['files'],
  { user, files: wanted, run, requireRight }: ImportOptions,
): Promise<ImportedJob> {
  requireRight()
  const counts = { added: 0, changed: 0, unchanged: 0 }
  const warnings: string[] = []
  using hold = store.hold()
  const warn = (sentence: string) => warnings.push(sentence)
  const carried = wanted && context.config.files ? (report.files ?? []) : []
  const all = [...files, ...(await putFiles(store, carried, context.config, { hold, warn }))]
  const beforeShowing = async (job: number, isNew: boolean) => {
    Object.assign(counts, await nameFiles(context, job, all, { isNew }))
  }
  const stored = await storeReport(context, report, { user, ...(all.length > 0 && { beforeShowing }) })
  if (!stored.isNew && saysAnything(run)) {
    warnings.push(...context.database.read((connection) => contradictionsOf(connection, stored.job, run)))
  }
  return { ...stored, warnings: [...stored.warnings, ...warnings], files: counts }
}

function severalJobs(): Invalid {
  return new Invalid({ job: 'There are several jobs in it, which cannot all have this id.' })
}
