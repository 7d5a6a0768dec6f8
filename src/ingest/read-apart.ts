// Reads documents on this thread, or on a thread of their own so that nobody waits behind a large one.

import { type Cooperative, mapCooperatively, runCooperatively } from '../lib/cooperative'
import type { Context } from '../server/services'
import { readDirectories } from './directory'
import { decodeText } from './formats/decoding'
import type { ImportFormat } from './formats/detect'
import { readJournal } from './formats/journal'
import { FileReading, idOfContent } from './formats/reading'
import { readResultsJson } from './formats/results-json'
import { readTap } from './formats/tap'
import { readXunit } from './formats/xunit'
import type { JobReport } from './model'
import { readJobLine } from './ndjson'
import { prepared } from './preparing'

/** A file with results, a line of NDJSON, or what an archive held: its documents, and the paths of all its files. */
export type Documents = { zone: string } & (
  | { format: ImportFormat; bytes: Uint8Array }
  | { documents: [path: string, bytes: Uint8Array][]; paths: string[] }
)

export interface ReadReport {
  report: JobReport
  /** Its id is made of the bytes of the file, which has none. */
  madeId: boolean
  /** Of an archive: whose the file is that stands at `index` among the paths. */
  files: { tag?: string; path: string; index: number }[]
}

export interface ReadingDocuments {
  /**
   * @param documents  whose bytes are gone afterwards: they may be another thread's.
   * @param network  whose documents they are.
   * @throws BadRequest what is wrong with them; Busy when too many wait.
   */
  read(documents: Documents, network: string): Promise<ReadReport[]>
  close(): void
}

/** @throws BadRequest */
export function* readDocuments(given: Documents): Cooperative<ReadReport[]> {
  if ('format' in given) {
    const { format, bytes } = given
    const report = yield* prepared(yield* readDocument(given))
    const madeId = format === 'xml' || format === 'tap' || report.id === idOfContent(bytes)
    return [{ report, madeId, files: [] }]
  }
  const files = given.paths.map((path, index) => ({ path, content: index }))
  const directories = yield* readDirectories(new Map(given.documents), files, given)
  const reports: ReadReport[] = []
  for (const { report, files } of directories) {
    const placed = yield* mapCooperatively(files, ({ tag, path, content }) => ({
      ...(tag !== undefined && { tag }),
      path,
      index: content,
    }))
    reports.push({ report: yield* prepared(report), madeId: false, files: placed })
  }
  return reports
}

function* readDocument({
  format,
  bytes,
  zone,
}: Extract<Documents, { format: ImportFormat }>): Cooperative<JobReport> {
  if (format === 'sqlite') return yield* readJournal(bytes, { zone })
  if (format === 'xml') return yield* readXunit(bytes, { zone })
  if (format === 'tap') return yield* readTap(bytes)
  if (format === 'ndjson') return yield* readJobLine(bytes, { zone })
  const decoding = new FileReading('results.json')
  const report = yield* readResultsJson(decodeText(bytes, decoding), { zone })
  return { ...report, warnings: [...decoding.warnings, ...report.warnings] }
}

/** The contents. */
export function bytesOf(given: Documents): Uint8Array[] {
  return 'format' in given ? [given.bytes] : given.documents.map(([, bytes]) => bytes)
}

/** Bytes of the contents. */
export function sizeOf(given: Documents): number {
  return bytesOf(given).reduce((sum, bytes) => sum + bytes.length, 0)
}

/** Reads them on a thread for documents where there is one, and takes their bytes. @throws BadRequest, Busy */
export function readReports(
  { documents }: Pick<Context, 'documents'>,
  given: Documents,
  network: string,
): Promise<ReadReport[]> {
  return documents ? documents.read(given, network) : runCooperatively(readDocuments(given))
}
