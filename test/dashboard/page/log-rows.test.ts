import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/dashboard/page/log/bytes'
import { MAX_ROW_BYTES, Rows } from '../../../src/dashboard/page/log/rows'

const encode = (text: string) => new TextEncoder().encode(text)

/** @param chunks  as they come, the rows being looked for after each. */
function index(...chunks: (string | Uint8Array)[]) {
  const bytes = new Bytes()
  const rows = new Rows(bytes)
  for (const chunk of chunks) {
    bytes.append(typeof chunk === 'string' ? encode(chunk) : chunk)
    while (rows.advance(7));
  }
  return { bytes, rows, all: rows.slice(0, rows.length) }
}

/** Bytes like those of logs: short lines, long ones, broken characters, escapes. */
const logBytes = fc
  .array(
    fc.oneof(
      fc.string().map(encode),
      fc.string({ unit: 'grapheme' }).map(encode),
      fc.uint8Array({ max: 255 }),
      fc.constantFrom('\n', '\r\n', '\n\n\n', '\x1b[31m', 'é').map(encode),
      fc.integer({ min: 1900, max: 2100 }).map((length) => encode('x'.repeat(length))),
      fc.integer({ min: 600, max: 2100 }).map((length) => encode('€'.repeat(length))),
      fc.integer({ min: 1, max: 300 }).map((length) => encode('\n'.repeat(length))),
    ),
    { maxLength: 12 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)))

test('lines are rows, numbered from 1, with their line breaks', () => {
  expect(index('one\n\r\nthree').all).toEqual([
    { number: 0, start: 0, end: 4, line: 1, continues: false },
    { number: 1, start: 4, end: 6, line: 2, continues: false },
    { number: 2, start: 6, end: 11, line: 3, continues: false },
  ])
})

test('an empty log has no rows and no lines', () => {
  const { rows, all } = index('')
  expect({ all, lines: rows.lineCount, longest: rows.longestBytes }).toEqual({
    all: [],
    lines: 0,
    longest: 0,
  })
})

test('the line break at the end begins no line', () => {
  expect(index('a\n').rows.lineCount).toBe(1)
  expect(index('a\nb').rows.lineCount).toBe(2)
})

test('a row of the longest length keeps its line break', () => {
  expect(index(`${'x'.repeat(MAX_ROW_BYTES)}\ny`).all).toEqual([
    { number: 0, start: 0, end: MAX_ROW_BYTES + 1, line: 1, continues: false },
    { number: 1, start: MAX_ROW_BYTES + 1, end: MAX_ROW_BYTES + 2, line: 2, continues: false },
  ])
})

test('a longer line goes on in rows of the same number, cut between characters', () => {
  expect(index(`${'€'.repeat(700)}\nnext`).all).toEqual([
    { number: 0, start: 0, end: 1998, line: 1, continues: false },
    { number: 1, start: 1998, end: 2101, line: 1, continues: true },
    { number: 2, start: 2101, end: 2105, line: 2, continues: false },
  ])
})

test('the longest row is one that is there: the last one may be cut shorter when more comes', () => {
  const bytes = new Bytes()
  const rows = new Rows(bytes)
  const longest = ['€'.repeat(666), 'ab', '€'].map((chunk) => {
    bytes.append(encode(chunk))
    while (rows.advance(7));
    return rows.longestBytes
  })
  expect(longest).toEqual([1998, 2000, 2000])
  expect(index('€'.repeat(666), new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac])).rows.longestBytes).toBe(
    1998,
  )
})

test('an escape sequence is not cut', () => {
  const { all } = index(`${'x'.repeat(MAX_ROW_BYTES - 3)}\x1b[31mred`)
  expect(all.map(({ end }) => end)).toEqual([MAX_ROW_BYTES - 3, MAX_ROW_BYTES + 5])
})

test('any bytes in any chunks make the same rows, and the rows together are the bytes', () => {
  fc.assert(
    fc.property(logBytes, fc.array(fc.nat(6000), { maxLength: 8 }), (whole, cuts) => {
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b),
        whole.length,
      ]
      const chunks = places.slice(1).map((place, number) => whole.subarray(places[number], place))
      const { bytes, rows, all } = index(...chunks)
      expect(all).toEqual(index(whole).all)
      expect(Buffer.concat(all.map(({ start, end }) => bytes.slice(start, end)))).toEqual(Buffer.from(whole))
      expect(all.every(({ start, end }) => end > start && end - start <= MAX_ROW_BYTES + 1)).toBe(true)
      expect(rows.longestBytes).toBe(Math.max(0, ...all.map(({ start, end }) => end - start)))
    }),
  )
})

test('a row is found by its number, by its line and by each of its bytes', () => {
  fc.assert(
    fc.property(logBytes, fc.nat(), (whole, pick) => {
      const { rows, all } = index(whole)
      fc.pre(all.length > 0)
      const row = all[pick % all.length]
      if (!row) throw new Error('unreachable')
      expect(rows.slice(row.number, 1)).toEqual([row])
      expect(rows.ofByte(row.start)).toEqual(row)
      expect(rows.ofByte(row.end - 1)).toEqual(row)
      expect(rows.ofLine(row.line)).toEqual(all.find(({ line }) => line === row.line))
    }),
  )
})

test('there are no lines but those that came', () => {
  const { rows } = index('a\nb\n')
  expect([rows.ofLine(0), rows.ofLine(3), rows.ofByte(4)]).toEqual([undefined, undefined, undefined])
})

test('bytes reach over the blocks that they are kept in', () => {
  const whole = new Uint8Array(3_000_000).map((_, place) => place % 251)
  const bytes = new Bytes()
  bytes.append(whole.subarray(0, 1_500_001))
  bytes.append(whole.subarray(1_500_001))
  expect(bytes.slice(1_000_000, 2_900_000)).toEqual(whole.slice(1_000_000, 2_900_000))
  expect(bytes.slice(2_999_999, 9_999_999)).toEqual(whole.slice(2_999_999))
  expect([bytes.at(1_048_576), bytes.at(3_000_000)]).toEqual([whole[1_048_576], undefined])
})

test('a byte is looked for over the blocks', () => {
  const bytes = new Bytes()
  bytes.append(new Uint8Array(2_500_000))
  bytes.append(new Uint8Array([7]))
  expect(bytes.indexOf(7, 5, 9_999_999)).toBe(2_500_000)
  expect(bytes.indexOf(7, 5, 2_500_000)).toBe(-1)
})
