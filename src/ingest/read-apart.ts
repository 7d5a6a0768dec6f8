// Reads documents on this thread, or on a thread of their own so that nobody waits behind a large one.

import { type Cooperative, mapCooperatively, runCooperatively } from '../lib/cooperative'
import { readDirectories } from './directory'
import { idOfContent } from './formats/reading'
import { type DocumentName, formatNamed } from './formats/registry'
import type { JobReport } from './model'
import { prepared } from './preparing'

/** A file with results, a line of NDJSON, or what an archive held: its documents, and the paths of all its files. */
export type Documents = { zone: string } & (
  | { format: DocumentName; bytes: Uint8Array }
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
    const format = formatNamed(given.format)
    const read = 'readLine' in format ? format.readLine : format.readDocument
    const report = yield* prepared(yield* read(given.bytes, given))
    const madeId = 'isAnonymous' in format || report.id === idOfContent(given.bytes)
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
  { documents }: { documents?: ReadingDocuments },
  given: Documents,
  network: string,
): Promise<ReadReport[]> {
  return documents ? documents.read(given, network) : runCooperatively(readDocuments(given))
}
