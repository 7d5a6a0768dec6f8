// JSON as lines to be drawn.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Line, linesOf, type Rest } from '../../../../src/dashboard/page/api-browser/lines'

/** What somebody gets who copies the lines; what is left out shows as its number. */
function textOf(lines: Line[]): string {
  return lines
    .map(({ depth, key, content, comma }) => {
      const text =
        content.kind === 'bracket'
          ? content.text
          : content.kind === 'rest'
            ? `… ${content.rest.count}`
            : JSON.stringify(content.value) + (content.rest ? `… ${content.rest.count}` : '')
      return `${'  '.repeat(depth)}${key === undefined ? '' : `${JSON.stringify(key)}: `}${text}${comma ? ',' : ''}`
    })
    .join('\n')
}

function restsOf(lines: Line[]): Rest[] {
  return lines.flatMap(({ content }) => (content.kind !== 'bracket' && content.rest ? [content.rest] : []))
}

/** All there is: asks for more until nothing is left out. */
function unfolded(value: unknown): Line[] {
  const shown = new Map<string, number>()
  for (;;) {
    const lines = linesOf(value, shown)
    const rests = restsOf(lines)
    if (rests.length === 0) return lines
    for (const { pointer, next } of rests) shown.set(pointer, next)
  }
}

test('short JSON is drawn as JSON.stringify writes it', () => {
  const value = { a: [1, { b: null }, []], 'c"': 'x\ny', d: {}, e: true }
  expect(textOf(linesOf(value))).toBe(JSON.stringify(value, null, 2))
})

test('whatever it is, unfolded it is the same JSON again', () => {
  const long = fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 140, size: 'max' })
  const text = fc.string({ minLength: 900, maxLength: 1200, unit: 'binary' })
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(long, text)), fc.array(long))
  fc.assert(
    fc.property(value, (value) => {
      expect(textOf(unfolded(value))).toBe(JSON.stringify(value, null, 2))
    }),
  )
})

test('a page shows a hundred rows, a row ten of what it holds, and the rest is counted', () => {
  const tests = Array.from({ length: 10_000 }, (_, id) => id)
  const rows = Array.from({ length: 150 }, () => ({ tests }))
  const lines = linesOf({ results: rows })
  expect(restsOf(lines).at(0)).toEqual({ pointer: '/results/0/tests', count: 9990, next: 510 })
  expect(restsOf(lines).at(-1)).toEqual({ pointer: '/results', count: 50, next: 600 })
  // Row by row: two for the row, two for its tests, ten of them, one for the rest.
  expect(lines).toHaveLength(4 + 100 * 15 + 1)
})

test('asked for more, that list grows and no other', () => {
  const many = Array.from({ length: 200 }, (_, index) => index)
  const lines = linesOf({ a: many, b: many }, new Map([['/a', 150]]))
  expect(restsOf(lines)).toEqual([
    { pointer: '/a', count: 50, next: 650 },
    { pointer: '/b', count: 100, next: 600 },
  ])
})

test('nothing is hidden for the sake of three', () => {
  const some = (length: number) => ({ row: { tests: Array.from({ length }, (_, index) => index) } })
  expect(restsOf(linesOf(some(13)))).toEqual([])
  expect(restsOf(linesOf(some(14)))).toEqual([{ pointer: '/row/tests', count: 4, next: 510 }])
})

test('a long text is cut, and whole when asked for', () => {
  const value = { 'a/b': 'x'.repeat(100_000) }
  const [rest] = restsOf(linesOf(value))
  expect(rest).toEqual({ pointer: '/a~1b', count: 99_000, next: Number.POSITIVE_INFINITY })
  expect(textOf(linesOf(value, new Map([['/a~1b', Number.POSITIVE_INFINITY]])))).toBe(
    JSON.stringify(value, null, 2),
  )
})

test('nesting without end ends', () => {
  let value: unknown = 1
  for (let depth = 0; depth < 5000; depth++) value = [value]
  const lines = linesOf(value)
  expect(lines).toHaveLength(121)
  expect(lines[60]).toEqual({
    depth: 60,
    key: undefined,
    content: { kind: 'bracket', text: '[…]' },
    comma: false,
  })
})

test('links are asked for with place, value, and the object around', () => {
  const asked: unknown[] = []
  const parent = { id: 7, list: ['a'] }
  const lines = linesOf(parent, new Map(), (...question) => {
    asked.push(question)
    return question[0] === '/id' ? '/there' : undefined
  })
  expect(asked).toEqual([
    ['/id', 7, parent],
    ['/list/0', 'a', ['a']],
  ])
  expect(lines[1]?.content).toEqual({ kind: 'scalar', value: 7, to: '/there', rest: undefined })
})
