// What takes the writer long is cut by rows and by bytes: no part is larger, unless it is one row, and nothing is lost.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { fileParts } from '../../src/ingest/files'
import { type JobReport, splitAvocadoTag, type TestReport } from '../../src/ingest/model'
import { partsOf } from '../../src/results/jobs/job-parts'
import type { WholeTest } from '../../src/results/jobs/queries'
import { bytesOf, ChunkSize, MAX_CHUNK_BYTES, MAX_CHUNK_ROWS } from '../../src/storage/chunked-writes'

/** Many short ones, a few that are long, and one that fills a part by itself; some take three bytes a character. */
const texts = fc
  .array(
    fc.tuple(
      fc.constantFrom('x', '\u4e00'),
      fc.constantFrom(
        ...[
          [1, 1],
          [1, 40_000],
          [3, 400_000],
          [1, 1_048_576],
          [1500, 1],
        ],
      ),
    ),
    { maxLength: 3 },
  )
  .map((kinds) =>
    kinds.flatMap(([letter, [count = 0, length = 0]]) =>
      Array.from({ length: count }, () => letter.repeat(length)),
    ),
  )
const activities = texts.map((list) => list.map((activity, time) => ({ activity, time, status: null })))
const data = texts.map((list) => list.map((value, index) => ({ category: 'c', key: String(index), value })))
const below = fc.record({ reason: fc.option(texts.map(([text = '']) => text)), activities, data })
const tests = fc.oneof(
  fc.array(below, { maxLength: 3 }),
  fc
    .constantFrom(0, 999, 1000, 2500)
    .map((length) => Array.from({ length }, () => ({ reason: null, activities: [], data: [] }))),
)

/** The texts of each row. */
type Row = (string | null | undefined)[]

function expectSmall(rows: Row[]): void {
  const bytes = rows.reduce((sum, row) => sum + bytesOf(...row), 0)
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThanOrEqual(MAX_CHUNK_ROWS)
  if (rows.length > 1) expect(bytes).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
}

const rowOf = ({ category, key, value }: { category?: string; key: string; value?: string | null }): Row => [
  category,
  key,
  value,
]
const rowsBelow = (test: { activities?: { activity: string }[]; data?: Parameters<typeof rowOf>[0][] }) => [
  ...(test.activities ?? []).map(({ activity }): Row => [activity]),
  ...(test.data ?? []).map(rowOf),
]

const report = ({ tests }: { tests: TestReport[] }): JobReport => ({
  ...{ id: 'a', description: null, time: null, elapsed: null, status: null, notStarted: null },
  ...{ environment: null, activities: [], data: [], warnings: [] },
  tests,
})

test('a report', () => {
  fc.assert(
    fc.property(tests, activities, data, (given, activities, data) => {
      const tests = given.map(
        ({ reason, activities, data }, index): TestReport => ({
          ...splitAvocadoTag(`${index}-a`),
          ...{ status: null, precise: true, exactTimes: false, started: null, elapsed: null, folder: null },
          failReason: reason,
          activities,
          data,
        }),
      )
      const labels = data.slice(0, 5).map(({ key }) => ({ key, value: 'v' }))
      const whole = { ...report({ tests }), activities, data, labels }
      const joined = { activities: [], data: [], labels: [], tests: [] } as Pick<
        Required<JobReport>,
        'activities' | 'data' | 'labels' | 'tests'
      >
      for (const part of partsOf(whole, ({ tag, suite, failReason }) => bytesOf(tag, suite, failReason))) {
        expectSmall([
          ...rowsBelow(part),
          ...part.labels.map(({ key, value }): Row => [key, value]),
          ...part.tests.flatMap((test) => [[test.tag, test.suite, test.failReason], ...rowsBelow(test)]),
          ...part.continued.flatMap(rowsBelow),
        ])
        joined.activities.push(...part.activities)
        joined.data.push(...part.data)
        joined.labels.push(...part.labels)
        for (const { activities, data } of part.continued) {
          joined.tests.at(-1)?.activities.push(...activities)
          joined.tests.at(-1)?.data.push(...data)
        }
        joined.tests.push(...part.tests)
      }
      expect(joined).toEqual({ activities, data, labels, tests })
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('a job that is posted', () => {
  fc.assert(
    fc.property(tests, activities, (given, activities) => {
      const tests = given.map(
        ({ reason, ...below }, index): WholeTest => ({ tag: `${index}-a`, fail_reason: reason, ...below }),
      )
      const joined: { activities: object[]; tests: Required<WholeTest>[] } = { activities: [], tests: [] }
      for (const part of partsOf({ activities, tests }, ({ tag, fail_reason }) =>
        bytesOf(tag, fail_reason),
      )) {
        expectSmall([
          ...rowsBelow(part),
          ...part.tests.flatMap((test) => [[test.tag, test.fail_reason], ...rowsBelow(test)]),
          ...part.continued.flatMap(rowsBelow),
        ])
        joined.activities.push(...part.activities)
        for (const { tag, activities, data } of part.continued) {
          expect(joined.tests.at(-1)?.tag).toBe(tag)
          joined.tests.at(-1)?.activities.push(...activities)
          joined.tests.at(-1)?.data.push(...data)
        }
        joined.tests.push(...(part.tests as Required<WholeTest>[]))
      }
      expect(joined as object).toEqual({ activities, tests })
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('the files of an import, whose contents may come with them', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 100, 16_384), { maxLength: 1200, size: 'max' }), (sizes) => {
      const files = sizes.map((size, index) => ({
        tag: undefined,
        path: String(index),
        content: { hash: '', size, storedSize: size, content: Buffer.alloc(size) },
      }))
      const parts = [...fileParts(files)]
      for (const part of parts) {
        const bytes = part.map(({ path, content }) => path.length + content.size)
        expect(part.length).toBeLessThanOrEqual(200)
        expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
      }
      expect(parts.flat()).toEqual(files)
    }),
    { numRuns: 20 },
  )
}, 60_000)

test('one row has room, however long it is, and nothing beside it', () => {
  const portion = new ChunkSize()
  expect(portion.hasRoom(10 * MAX_CHUNK_BYTES)).toBe(true)
  portion.add(10 * MAX_CHUNK_BYTES)
  expect(portion.hasRoom(0)).toBe(false)
})
