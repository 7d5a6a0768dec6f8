import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parsePythonList, quoteForShell } from '../../../src/dashboard/page/command'
import { sampleText } from './samples'

test.each([
  ['[]', []],
  ["['avocado', 'run']", ['avocado', 'run']],
  [`['it''s']`, undefined],
  [`["it's", 'a "b"']`, ["it's", 'a "b"']],
  [
    String.raw`['a\'b', 'c\\d', '\n\t', '\x41\u00e9\U0001f951', '\q']`,
    ["a'b", 'c\\d', '\n\t', 'Aé🥑', '\\q'],
  ],
  ["['a',]", ['a']],
  [" [ 'a' , 'b' ] \n", ['a', 'b']],
  ["['a', 1]", undefined],
  ["['a'", undefined],
  ['avocado run', undefined],
  ['', undefined],
])('Python list %s', (text, items) => {
  expect(parsePythonList(text)).toEqual(items)
})

test('the command line that Avocado keeps can be pasted', async () => {
  const items = parsePythonList(await sampleText('all-statuses', 'jobdata/cmdline'))
  expect(items?.slice(0, 3)).toEqual(['/opt/avocado/bin/avocado', 'run', '--journal'])
  expect(items).toHaveLength(37)
})

test('what Python writes is read as it was', () => {
  const repr = (text: string) =>
    `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (items) => {
      expect(parsePythonList(`[${items.map(repr).join(', ')}]`)).toEqual(items)
    }),
  )
})

test('no text makes it throw, or run for long', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '[', ']', ',', ' ', 'x', 'u', '4', '\n') }),
      (text) => {
        parsePythonList(`[${text}]`)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a shell reads a quoted argument as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((text) => !text.includes('\0')),
      (text) => {
        const { stdout } = Bun.spawnSync(['sh', '-c', `printf %s ${quoteForShell(text)}`])
        expect(stdout.toString()).toBe(text)
      },
    ),
    { numRuns: 50 },
  )
})

test('an empty argument stays an argument', () => {
  expect(quoteForShell('')).toBe("''")
})
