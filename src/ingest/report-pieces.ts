// Serialises a report for the way from a worker to the main thread, in pieces small enough that parsing one does not
// block the main thread.

import type { ParsedReport } from './documents'
import type { ReportFile, TestReport } from './model'

/** Lists that are sent separately. The lists of a test belong to the test of the previous piece. */
const lists = {
  tests: ({ report }: ParsedReport) => report.tests,
  activities: ({ report }: ParsedReport) => report.activities,
  data: ({ report }: ParsedReport) => report.data,
  warnings: ({ report }: ParsedReport) => report.warnings,
  components: ({ report }: ParsedReport) => report.environment?.installed_software_components ?? [],
  placed: ({ files }: ParsedReport) => files,
  testActivities: (read: ParsedReport) => lastTest(read)?.activities ?? [],
  testData: (read: ParsedReport) => lastTest(read)?.data ?? [],
}
type List = keyof typeof lists

/** `head` and `items` are JSON. */
export type ReportPiece =
  | { head: string }
  | { list: List; items: string }
  /** The full reason of the test of the previous piece. */
  | { reason: Uint8Array }
  | { carried: ReportFile }

/** Limits of a piece: items, and about so many characters of JSON; a single item may be longer. */
const MAX_ITEMS = 200
const MAX_LENGTH = 128 * 1024

export function* reportPieces(reports: ParsedReport[]): Generator<ReportPiece> {
  for (const { report, files, ...about } of reports) {
    const { tests, activities, data, warnings, environment, files: carried, ...rest } = report
    const empty = { tests: [], activities: [], data: [], warnings: [], ...(carried && { files: [] }) }
    const components = environment?.installed_software_components
    const distro = environment && { ...environment, ...(components && { installed_software_components: [] }) }
    yield {
      head: JSON.stringify({ ...about, files: [], report: { ...rest, ...empty, environment: distro } }),
    }
    yield* listed('activities', activities)
    yield* listed('data', data)
    yield* listed('warnings', warnings)
    yield* listed('components', components ?? [])
    yield* testsIn(tests)
    for (const file of carried ?? []) yield { carried: file }
    yield* listed('placed', files)
  }
}

/** A test with many activities or data is sent separately. */
function* testsIn(tests: TestReport[]): Generator<ReportPiece> {
  let together = new PieceBuilder('tests')
  for (const { wholeReason, ...test } of tests) {
    const json = JSON.stringify(test)
    if (!wholeReason && json.length <= MAX_LENGTH) {
      yield* together.add(json)
      continue
    }
    yield* together.rest()
    yield { list: 'tests', items: `[${JSON.stringify({ ...test, activities: [], data: [] })}]` }
    yield* listed('testActivities', test.activities)
    yield* listed('testData', test.data)
    if (wholeReason) yield { reason: wholeReason }
    together = new PieceBuilder('tests')
  }
  yield* together.rest()
}

function* listed(list: List, items: readonly unknown[]): Generator<ReportPiece> {
  const together = new PieceBuilder(list)
  for (const item of items) yield* together.add(JSON.stringify(item))
  yield* together.rest()
}

/** Collects items until they fill a piece. */
class PieceBuilder {
  private items: string[] = []
  private length = 0

  constructor(private readonly list: List) {}

  *add(json: string): Generator<ReportPiece> {
    if (this.items.length === MAX_ITEMS || this.length + json.length > MAX_LENGTH) yield* this.rest()
    this.items.push(json)
    this.length += json.length
  }

  *rest(): Generator<ReportPiece> {
    if (this.items.length > 0) yield { list: this.list, items: `[${this.items.join(',')}]` }
    this.items = []
    this.length = 0
  }
}

/** Adds a piece to the reports received so far. */
export function addPiece(reports: ParsedReport[], piece: ReportPiece): void {
  if ('head' in piece) {
    reports.push(JSON.parse(piece.head))
    return
  }
  const read = reports.at(-1)
  if (!read) return
  if ('carried' in piece) read.report.files?.push(piece.carried)
  else if ('reason' in piece) Object.assign(lastTest(read) ?? {}, { wholeReason: piece.reason })
  else (lists[piece.list](read) as unknown[]).push(...JSON.parse(piece.items))
}

function lastTest({ report }: ParsedReport): TestReport | undefined {
  return report.tests.at(-1)
}

/** The buffers of byte arrays that can be transferred to another thread instead of copied. */
export function transferableBuffers(arrays: Iterable<Uint8Array>): ArrayBuffer[] {
  const owned = [...arrays].filter(({ buffer, length }) => length === buffer.byteLength && length > 0)
  return [...new Set(owned.map(({ buffer }) => buffer as ArrayBuffer))]
}
