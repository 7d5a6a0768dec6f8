// Reads documents on this thread, or on a thread of their own so that nobody waits behind a large one.

import type { Context } from '../context'
import { type InTurns, inTurns } from '../turns'
import { readDirectories } from './directory'
import { decodeText } from './formats/decoding'
import type { ImportFormat } from './formats/detect'
import { readJournal } from './formats/journal'
import { FileReading } from './formats/reading'
import { readResultsJson } from './formats/results-json'
import { readTap } from './formats/tap'
import { readXunit } from './formats/xunit'
import type { JobReport } from './model'

/** A file with results, or what an archive held: its documents, and the paths of all its files. */
export type Documents = { zone: string } & (
  | { format: ImportFormat; bytes: Uint8Array }
  | { documents: [path: string, bytes: Uint8Array][]; paths: string[] }
)

export interface ReadReport {
  report: JobReport
  /** Of an archive: whose the file is that stands at `index` among the paths. */
  files: { tag?: string; path: string; index: number }[]
}

export interface ReadingDocuments {
  /**
   * @param network  whose documents they are.
   * @throws BadRequest what is wrong with them; NotNow when too many wait.
   */
  read(documents: Documents, network: string): Promise<ReadReport[]>
  close(): void
}

/** @throws BadRequest */
export function* readDocuments(given: Documents): InTurns<ReadReport[]> {
  if ('format' in given) return [{ report: yield* readDocument(given), files: [] }]
  const files = given.paths.map((path, index) => ({ path, content: index }))
  const directories = yield* readDirectories(new Map(given.documents), files, given)
  return directories.map(({ report, files }) => ({
    report,
    files: files.map(({ tag, path, content }) => ({
      ...(tag !== undefined && { tag }),
      path,
      index: content,
    })),
  }))
}

function* readDocument({
  format,
  bytes,
  zone,
}: Extract<Documents, { format: ImportFormat }>): InTurns<JobReport> {
  if (format === 'sqlite') return yield* readJournal(bytes, { zone })
  if (format === 'xml') return yield* readXunit(bytes, { zone })
  if (format === 'tap') return yield* readTap(bytes)
  const decoding = new FileReading('results.json')
  const report = yield* readResultsJson(decodeText(bytes, decoding), { zone })
  return { ...report, warnings: [...decoding.warnings, ...report.warnings] }
}

/** Bytes of the contents. */
export function sizeOf(given: Documents): number {
  if ('format' in given) return given.bytes.length
  return given.documents.reduce((sum, [, bytes]) => sum + bytes.length, 0)
}

/** Reads them on a thread for documents where there is one. @throws BadRequest, NotNow */
export function readReports(
  { documents }: Pick<Context, 'documents'>,
  given: Documents,
  network: string,
): Promise<ReadReport[]> {
  return documents ? documents.read(given, network) : inTurns(readDocuments(given))
}
