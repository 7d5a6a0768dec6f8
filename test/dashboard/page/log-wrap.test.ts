import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Bytes } from '../../../src/dashboard/page/log/bytes'
import { Rows } from '../../../src/dashboard/page/log/rows'

const encode = (text: string) => new TextEncoder().encode(text)

function wrapped(columns: number, ...chunks: Uint8Array[]) {
  const bytes = new Bytes()
  const rows = new Rows(bytes, columns)
  for (const chunk of chunks) {
    bytes.append(chunk)
    while (rows.advance(3));
  }
  const all = rows.slice(0, rows.length)
  const texts = all.map(({ start, end }) => new TextDecoder().decode(bytes.slice(start, end)))
  return { all, texts }
}

const wrap = (columns: number, text: string) => wrapped(columns, encode(text)).texts

test('a line that has no room goes on in rows of its own, under the same number', () => {
  const { all, texts } = wrapped(5, encode('abcdefghijkl\nshort\n\nend'))
  expect(texts).toEqual(['abcde', 'fghij', 'kl\n', 'short\n', '\n', 'end'])
  expect(all.map(({ line, continues }) => [line, continues])).toEqual([
    [1, false],
    [1, true],
    [1, true],
    [2, false],
    [3, false],
    [4, false],
  ])
})

test('columns are counted as they are seen: tabs, wide characters, controls, colours, line ends of Windows', () => {
  expect(wrap(10, 'a\tbcd\n')).toEqual(['a\tbc', 'd\n'])
  expect(wrap(4, '日本語\n')).toEqual(['日本', '語\n'])
  expect(wrap(4, 'éééééé\n')).toEqual(['éééé', 'éé\n'])
  expect(wrap(4, 'a\x01b\x01c\n')).toEqual(['a\x01b', '\x01c\n'])
  expect(wrap(4, '\x1b[31mred!\x1b[0mmore\n')).toEqual(['\x1b[31mred!\x1b[0m', 'more\n'])
  expect(wrap(4, 'four\r\nnext\r\n')).toEqual(['four\r\n', 'next\r\n'])
})

test('rows are the same however the bytes come, and together they are the log', () => {
  const parts = fc.array(
    fc.oneof(
      fc.string().map(encode),
      fc.string({ unit: 'grapheme' }).map(encode),
      fc.uint8Array({ max: 255 }),
      fc.constantFrom('\n', '\r\n', '\t', '\x1b[31m', '\x1b[', '日').map(encode),
      fc.integer({ min: 1, max: 5000 }).map((length) => encode('x'.repeat(length))),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 200 }), (parts, columns) => {
      const whole = new Uint8Array(Buffer.concat(parts))
      const { all } = wrapped(columns, whole)
      let end = 0
      for (const row of all) {
        expect(row.start).toBe(end)
        expect(row.end).toBeGreaterThan(row.start)
        end = row.end
      }
      expect(end).toBe(whole.length)
    }),
  )
})
