// Parses documents on this thread, or in a worker so that no request waits behind a large one.

import { type Cooperative, mapCooperatively, runCooperatively } from '../lib/cooperative'
import { readDirectories } from './directory'
import { idOfContent } from './formats/reading'
import { type DocumentName, formatNamed } from './formats/registry'
import type { JobReport } from './model'
import { prepareReport } from './prepare'

/** A result file, a line of NDJSON, or an archive: its documents and the paths of all its files. */
export type Documents = { zone: string } & (
  | { format: DocumentName; bytes: Uint8Array }
  | { documents: [path: string, bytes: Uint8Array][]; paths: string[] }
)

export interface ParsedReport {
  report: JobReport
  /** The file has no job id, so the id was made from its bytes. */
  hasGeneratedId: boolean
  /** Files of an archive. `index`: of the path in `paths`; `tag`: the test that the file belongs to. */
  files: { tag?: string; path: string; index: number }[]
}

export interface DocumentParser {
  /**
   * @param documents  transferred: their bytes may belong to another thread afterwards.
   * @param network  of the client, see networkOf.
   * @throws BadRequest for documents that cannot be read; Busy when too many are waiting.
   */
  read(documents: Documents, network: string): Promise<ParsedReport[]>
  close(): void
}

/** @throws BadRequest */
export function* readDocuments(given: Documents): Cooperative<ParsedReport[]> {
  if ('format' in given) {
    const format = formatNamed(given.format)
    const read = 'readLine' in format ? format.readLine : format.readDocument
    const report = yield* prepareReport(yield* read(given.bytes, given))
    const hasGeneratedId = 'isAnonymous' in format || report.id === idOfContent(given.bytes)
    return [{ report, hasGeneratedId, files: [] }]
  }
  const files = given.paths.map((path, index) => ({ path, content: index }))
  const directories = yield* readDirectories(new Map(given.documents), files, given)
  const reports: ParsedReport[] = []
  for (const { report, files } of directories) {
    const placed = yield* mapCooperatively(files, ({ tag, path, content }) => ({
      ...(tag !== undefined && { tag }),
      path,
      index: content,
    }))
    reports.push({ report: yield* prepareReport(report), hasGeneratedId: false, files: placed })
  }
  return reports
}

export function contentsOf(given: Documents): Uint8Array[] {
  return 'format' in given ? [given.bytes] : given.documents.map(([, bytes]) => bytes)
}

/** Bytes of the contents. */
export function sizeOf(given: Documents): number {
  return contentsOf(given).reduce((sum, bytes) => sum + bytes.length, 0)
}

/** Reads documents in a worker if there is one, which takes over their bytes. @throws BadRequest, Busy */
export function readReports(
  { documents }: { documents?: DocumentParser },
  given: Documents,
  network: string,
): Promise<ParsedReport[]> {
  return documents ? documents.read(given, network) : runCooperatively(readDocuments(given))
}
