import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseAnsi } from '../../../src/dashboard/page/log/ansi'
import { type Hit, rowParts } from '../../../src/dashboard/page/log/row-parts'
import { plainText } from '../../../src/dashboard/page/log/text'

const encode = (text: string) => new TextEncoder().encode(text)

/** The text of each range with its style; `null`: no style. */
function styles(row: string) {
  return parseAnsi(row).map(({ start, end, style }) => [
    row.slice(start, end),
    Object.keys(style).length > 0 ? style : null,
  ])
}

const shown = (text: string | Uint8Array, hits: Hit[] = []) =>
  rowParts(typeof text === 'string' ? encode(text) : text, hits)
    .map((part) => part.text)
    .join('')

test('colours and weights hold until they are changed', () => {
  expect(styles('a\x1b[1;31mb\x1b[22mc\x1b[39md\x1b[me')).toEqual([
    ['a', null],
    ['b', { bold: true, color: 'var(--ansi-1)' }],
    ['c', { bold: false, dim: false, color: 'var(--ansi-1)' }],
    ['d', { bold: false, dim: false, color: undefined }],
    ['e', null],
  ])
})

test('bright colours and backgrounds', () => {
  expect(styles('\x1b[92;104ma\x1b[47mb')).toEqual([
    ['a', { color: 'var(--ansi-10)', background: 'var(--ansi-12)' }],
    ['b', { color: 'var(--ansi-10)', background: 'var(--ansi-7)' }],
  ])
})

test('256 colours: the sixteen, the cube, the greys', () => {
  expect(styles('\x1b[38;5;9ma\x1b[38;5;208mb\x1b[48;5;232;1mc')).toEqual([
    ['a', { color: 'var(--ansi-9)' }],
    ['b', { color: 'rgb(255 135 0)' }],
    ['c', { color: 'rgb(255 135 0)', background: 'rgb(8 8 8)', bold: true }],
  ])
})

test('true colours, with semicolons and with colons', () => {
  const style = { color: 'rgb(1 2 3)' }
  expect(styles('\x1b[38;2;1;2;3ma')).toEqual([['a', style]])
  expect(styles('\x1b[38:2::1:2:3ma')).toEqual([['a', style]])
  expect(styles('\x1b[38:2:1:2:3ma')).toEqual([['a', style]])
})

test('colours that there are not are none', () => {
  expect(styles('\x1b[38;5;256ma')).toEqual([['a', { color: undefined }]])
  expect(styles('\x1b[38;2;1;2;999ma')).toEqual([['a', { color: undefined }]])
  expect(styles('\x1b[38ma')).toEqual([['a', { color: undefined }]])
})

test('every other sequence is dropped', () => {
  expect(
    styles('a\x1b[2Kb\x1b]8;;http://x\x07c\x1b]0;title\x1b\\d\x1b(Be\x1b[?25lf').map(([text]) => text),
  ).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('a sequence without its end hides nothing', () => {
  expect(styles('a\x1b]0;the rest').map(([text]) => text)).toEqual(['a', '0;the rest'])
  expect(styles('a\x1b[31').map(([text]) => text)).toEqual(['a', '31'])
})

test('controls are shown, and act on nothing', () => {
  expect(shown('a\x00b\x07c\rd\x7f\te\u202ef\u2028g\u0085')).toBe('a^@b^Gc^Md^?\te\ufffdf\ufffdg\ufffd')
})

test('broken UTF-8 is shown as such', () => {
  expect(shown(new Uint8Array([0x61, 0xff, 0xc3, 0x62]))).toBe('a\ufffd\ufffdb')
})

test('the line break is no text', () => {
  expect([shown('a\n'), shown('a\r\n'), shown('\n'), shown('a\r')]).toEqual(['a', 'a', '', 'a^M'])
})

test('matches are parts of their own, with their styles', () => {
  const hit = { start: 1, end: 11, isCurrent: true }
  expect(rowParts(encode('ab\x1b[31mcdef'), [hit])).toEqual([
    { text: 'a', style: {}, hit: undefined },
    { text: 'b', style: {}, hit },
    { text: 'cdef', style: { color: 'var(--ansi-1)' }, hit },
  ])
})

test('matches that reach over the ends of the row', () => {
  const before = { start: -3, end: 2, isCurrent: false }
  const after = { start: 4, end: 9, isCurrent: false }
  expect(rowParts(encode('abcdef'), [before, after])).toEqual([
    { text: 'ab', style: {}, hit: before },
    { text: 'cd', style: {}, hit: undefined },
    { text: 'ef', style: {}, hit: after },
  ])
})

const anyText = fc.string({ unit: 'grapheme', maxLength: 40 })
const sgr = fc.array(fc.nat(120), { maxLength: 6 }).map((codes) => `\x1b[${codes.join(';')}m`)

test('text is kept, whatever colours are around it and whatever is looked for in it', () => {
  const parts = fc.array(
    fc.tuple(
      sgr,
      anyText.filter((text) => !/[\n\p{C}\u2028\u2029]/u.test(text)),
    ),
  )
  const places = fc.uniqueArray(fc.nat(200), { maxLength: 8 })
  fc.assert(
    fc.property(parts, places, (parts, places) => {
      const row = parts.flat().join('')
      const text = parts.map(([, text]) => text).join('')
      // Matches begin and end between characters.
      const starts = [...row].map((_, number, all) => encode(all.slice(0, number).join('')).length)
      const bounds = [...new Set(places.map((place) => starts[place % starts.length] ?? 0))].sort(
        (a, b) => a - b,
      )
      const hits = bounds.flatMap((start, number) => {
        const end = bounds[number + 1]
        return number % 2 === 0 && end !== undefined ? [{ start, end, isCurrent: false }] : []
      })
      expect(shown(row, hits)).toBe(text)
      expect(plainText(encode(row))).toBe(text)
    }),
  )
})

test('any bytes are shown somehow, each at most once and in order', () => {
  const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x1b, 0x5b, 0x6d, 0x3b, 0x5d)), {
    maxLength: 80,
  })
  fc.assert(
    fc.property(bytes, (values) => {
      const row = new Uint8Array(values)
      const pieces = parseAnsi(String.fromCharCode(...values))
      const bounds = pieces.flatMap(({ start, end }) => [start, end])
      expect(bounds).toEqual([...bounds].sort((a, b) => a - b))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
      expect(shown(row)).not.toMatch(/[\0-\x08\x0a-\x1f\x7f-\x9f]/)
    }),
  )
})
