import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { runAtOnce } from '../../src/lib/cooperative'
import { diffLines, type Hunk } from '../../src/lib/line-diff'

const diff = (before: string, after: string) => runAtOnce(diffLines(before.split(''), after.split('')))
const signs = { same: ' ', removed: '-', added: '+' }
const shown = (hunks: Hunk[]) =>
  hunks.map(({ lines }) => lines.map(({ change, text }) => signs[change] + text).join(''))

test('a line changed, one added and one removed, with three lines around', () => {
  expect(runAtOnce(diffLines([...'abcdefgh'], [...'abcdXfgh']))).toEqual([
    {
      before: 2,
      after: 2,
      lines: [
        { change: 'same', text: 'b' },
        { change: 'same', text: 'c' },
        { change: 'same', text: 'd' },
        { change: 'removed', text: 'e' },
        { change: 'added', text: 'X' },
        { change: 'same', text: 'f' },
        { change: 'same', text: 'g' },
        { change: 'same', text: 'h' },
      ],
    },
  ])
  expect(shown(diff('abc', 'abxc'))).toEqual([' a b+x c'])
  expect(shown(diff('abc', 'ac'))).toEqual([' a-b c'])
  expect(shown(diff('', 'a'))).toEqual(['+a'])
  expect(diff('same', 'same')).toEqual([])
})

test('changes with more than six same lines between them are two hunks', () => {
  expect(shown(diff('a123456b', 'A123456B'))).toEqual(['-a+A 1 2 3 4 5 6-b+B'])
  expect(diff('a1234567b', 'A1234567B').map(({ before, after }) => [before, after])).toEqual([
    [1, 1],
    [6, 6],
  ])
})

/** What the first text becomes by the hunks. */
function patched(before: string[], hunks: Hunk[]): string[] {
  const made: string[] = []
  let line = 0
  for (const hunk of hunks) {
    made.push(...before.slice(line, hunk.before - 1))
    expect(made.length).toBe(hunk.after - 1)
    line = hunk.before - 1
    for (const { change, text } of hunk.lines) {
      if (change !== 'added') expect(before[line++]).toBe(text)
      if (change !== 'removed') made.push(text)
    }
  }
  return [...made, ...before.slice(line)]
}

/** The length of the longest common subsequence, by the table that everybody knows. */
function commonLines(a: string[], b: string[]): number {
  const row = new Array<number>(b.length + 1).fill(0)
  for (const x of a) {
    let corner = 0
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] as number
      row[j] = x === b[j - 1] ? corner + 1 : Math.max(above, row[j - 1] as number)
      corner = above
    }
  }
  return row[b.length] as number
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 60 })

test('the hunks make the second text of the first, with the fewest changes', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const hunks = runAtOnce(diffLines(before, after))
      expect(patched(before, hunks)).toEqual(after)
      const changed = hunks.flatMap(({ lines }) => lines).filter(({ change }) => change !== 'same').length
      expect(changed).toBe(before.length + after.length - 2 * commonLines(before, after))
    }),
    { numRuns: 400 },
  )
})

test('beyond the budget the hunks are right, too: unique lines hold the texts together', () => {
  const before = Array.from({ length: 4000 }, (_, line) => (line % 4 === 0 ? `kept ${line}` : `old ${line}`))
  const after = before.map((line, index) => (line.startsWith('kept') ? line : `new ${index}`))
  const hunks = runAtOnce(diffLines(before, after))
  expect(patched(before, hunks)).toEqual(after)
  const same = hunks.flatMap(({ lines }) => lines).filter(({ change }) => change === 'same')
  expect(same.length).toBe(1000)
})

test('50,000 lines take no seconds, also where nothing is alike, or all is in another order', () => {
  const hostile = [
    (side: string, index: number) => `${side}${index}`,
    (side: string, index: number) => String((index * (side === 'a' ? 7 : 11)) % 97),
    (side: string, index: number) => (side === 'a' ? String(index) : String(49_999 - index)),
  ]
  for (const line of hostile) {
    const made = (side: string) => Array.from({ length: 50_000 }, (_, index) => line(side, index))
    const [before, after] = [made('a'), made('b')]
    const start = performance.now()
    const hunks = runAtOnce(diffLines(before, after))
    expect(performance.now() - start).toBeLessThan(2000)
    expect(patched(before, hunks)).toEqual(after)
  }
})
