// Reads an archive of job directories as it arrives. Documents stay in memory until the end. Other files are stored at
// once, and are attached to jobs and tests when those are known.

import { chunksOf } from '../blobs/chunks'
import type { FileStore, Hold, StoredContent } from '../blobs/store'
import { BadRequest } from '../lib/errors'
import { type ArchiveEntry, EntryLeftOut, readArchive } from './archive/read'
import { ArchiveDocuments } from './archive-documents'
import { peek, readWhole, streamOf } from './body'
import { type ArchivedFile, isDocument, isReadPartly, maxBytesOf } from './directory'
import { type ParsedReport, readReports } from './documents'
import type { ArchiveName } from './formats/registry'
import { ImportedJobs, type ImportResult } from './import-result'
import { applyRunOptions } from './run-options'
import type { IngestServices } from './services'
import { type ImportOptions, severalJobsError, storeWithFiles } from './store-import'

/** How much of a log is read. */
const BEGINNING_BYTES = 64 * 1024
interface Unpacked {
  documents: ArchiveDocuments
  /** All stored files, including the documents. */
  files: ArchivedFile<StoredContent>[]
  warnings: string[]
}

/** @throws BadRequest, Invalid: no job of the archive is stored */
export async function importArchive(
  services: IngestServices,
  store: FileStore,
  source: AsyncGenerator<Uint8Array>,
  format: ArchiveName,
  options: ImportOptions,
): Promise<ImportResult> {
  using hold = store.hold()
  const keep = options.files && services.config.files
  const unpacked = await unpackInto(store, hold, source, format, { ...services.config, keep })
  const reports = await readUnpacked(services, unpacked, options)
  return await storeReports(services, store, reports, unpacked, options)
}

type Limits = Pick<IngestServices['config'], 'maxFileBytes' | 'maxEntries'>

/** @param keep  whether files are stored; if not, only documents are read. */
async function unpackInto(
  store: FileStore,
  hold: Hold,
  source: AsyncGenerator<Uint8Array>,
  format: ArchiveName,
  { keep, maxFileBytes, maxEntries }: Limits & { keep: boolean },
): Promise<Unpacked> {
  const warnings: string[] = []
  const warn = (sentence: string) => warnings.push(sentence)
  const documents = new ArchiveDocuments(warn)
  const files: Unpacked['files'] = []
  const archive = readArchive(streamOf(source), format, {
    limits: { fileBytes: maxFileBytes, entries: maxEntries },
    folder: store.temporaryFolder,
    isEssential: isDocument,
    warn,
  })
  for await (const entry of archive) {
    try {
      const content = await readEntry(entry, documents)
      if (!keep || entry.size > maxFileBytes) continue
      files.push({ path: entry.path, content: await store.put(content(), maxFileBytes, hold) })
    } catch (error) {
      if (!(error instanceof EntryLeftOut)) throw error
    }
  }
  return { documents, files, warnings }
}

/** Reads an entry that is a document, or the beginning of a log. @returns a function that gives the entry's content */
async function readEntry(
  { path, size, chunks }: ArchiveEntry,
  documents: ArchiveDocuments,
): Promise<() => AsyncIterable<Uint8Array>> {
  if (isDocument(path) && documents.hasRoomFor(path, size)) {
    const bytes = await readWhole(chunks(), maxBytesOf(path))
    documents.add(path, bytes)
    return () => chunksOf(bytes)
  }
  if (!isReadPartly(path)) return chunks
  const { head, whole } = await peek(generatorOf(chunks()), BEGINNING_BYTES)
  documents.add(path, head)
  return () => whole
}

/** @throws BadRequest, with the warnings about entries left out: they may be the reason */
async function readUnpacked(
  services: IngestServices,
  { documents, files, warnings }: Unpacked,
  { network, run }: ImportOptions,
): Promise<ParsedReport[]> {
  const paths = files.map(({ path }) => path)
  const given = { zone: services.config.zone, documents: [...documents.contents], paths }
  const reports = await readReports(services, given, network).catch((error) => {
    throw error instanceof BadRequest ? withWarnings(error, warnings) : error
  })
  if (reports.length > 1 && run.job !== undefined) throw severalJobsError()
  return reports
}

async function storeReports(
  services: IngestServices,
  store: FileStore,
  reports: ParsedReport[],
  { files, warnings }: Unpacked,
  options: ImportOptions,
): Promise<ImportResult> {
  const jobs = new ImportedJobs()
  for (const { report, files: placed } of reports) {
    const ownFiles = placed.flatMap(({ tag, path, index }) => {
      const file = files[index]
      return file ? [{ tag, path, content: file.content }] : []
    })
    const withOptions = applyRunOptions(report, options.run, { hasGeneratedId: false })
    const job = await storeWithFiles(services, store, withOptions, ownFiles, options)
    // Warnings about the archive are reported with its first job.
    jobs.add(jobs.count === 0 ? { ...job, warnings: [...job.warnings, ...warnings] } : job)
  }
  return { jobs, refused: [], refusedCount: 0 }
}
async function* generatorOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}

function withWarnings({ body }: BadRequest, warnings: string[]): BadRequest {
  return new BadRequest([body.detail, ...warnings.slice(0, 3)].join(' '))
}
