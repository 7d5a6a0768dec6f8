// A report in pieces: none is large, and together they are the report.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ParsedReport } from '../../src/ingest/documents'
import { type JobReport, splitAvocadoTag, type TestReport } from '../../src/ingest/model'
import { addPiece, type ReportPiece, reportPieces } from '../../src/ingest/report-pieces'

const MAX_LENGTH = 128 * 1024
const MAX_ITEMS = 200

const text = fc.string({ maxLength: 20 })
/** So many that they are more than a piece, by their number or by their length. */
const sizes = fc.constantFrom([1, 1], [450, 1], [3, 100_000], [1, 300_000])
const some = <T>(make: (text: string) => T): fc.Arbitrary<T[]> =>
  fc.oneof(
    fc.constant<T[]>([]),
    fc
      .tuple(text, sizes)
      .map(([text, [count = 0, length = 0]]) =>
        Array.from({ length: count }, (_, index) => make(index + text + 'x'.repeat(length))),
      ),
  )
const activities = some((activity) => ({ activity, time: 1, status: null }))
const data = some((value) => ({ category: 'c', key: 'k', value }))
const tests = fc
  .tuple(
    some((tag) => tag),
    activities,
    data,
    fc.option(text),
  )
  .map(([tags, activities, data, whole]) =>
    tags.map(
      (tag, index): TestReport => ({
        ...splitAvocadoTag(tag),
        ...{ status: null, precise: true, exactTimes: false, started: null, elapsed: null, folder: null },
        failReason: null,
        ...(whole && index % 100 === 0 && { wholeReason: Buffer.from(whole) }),
        activities: index === 0 ? activities : [],
        data: index === tags.length - 1 ? data : [],
      }),
    ),
  )
const environment = some((name) => ({
  name,
  version: '',
  release: '',
  checksum: '',
  kind: '',
  arch: '',
})).map((installed_software_components) => ({
  distro: { name: 'd', version: '', release: '', arch: '' },
  installed_software_components,
}))
const report: fc.Arbitrary<JobReport> = fc
  .record({ environment: fc.option(environment), activities, data, tests, warnings: some((text) => text) })
  .map((lists) => ({
    ...{ id: 'a', description: null, time: 1, elapsed: null, status: null, notStarted: null },
    ...lists,
  }))
const carried = fc.option(some((path) => ({ tag: 'a', path, content: Buffer.from(path) })))
const read: fc.Arbitrary<ParsedReport> = fc
  .record({ report, carried, files: some((path) => ({ path, index: 1 })) })
  .map(({ report, carried, files }) => ({
    hasGeneratedId: false,
    files,
    report: { ...report, ...(carried && { files: carried }) },
  }))

/** The items of a piece, as JSON. */
const itemsOf = (piece: ReportPiece) => ('items' in piece ? (JSON.parse(piece.items) as unknown[]) : [])

test('taken one after another they make the reports, and no piece is larger than its one item', () => {
  fc.assert(
    fc.property(fc.array(read, { maxLength: 2 }), (reports) => {
      const taken: ParsedReport[] = []
      for (const piece of reportPieces(reports)) {
        const items = itemsOf(piece)
        expect(items.length).toBeLessThanOrEqual(MAX_ITEMS)
        if ('items' in piece && items.length > 1)
          expect(piece.items.length).toBeLessThanOrEqual(MAX_LENGTH + items.length + 2)
        addPiece(taken, piece)
      }
      expect(taken).toEqual(reports)
    }),
    { numRuns: 30 },
  )
}, 60_000)
