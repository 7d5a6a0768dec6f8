// Limits how many parts a file may have. They are counted in the text before parsing, because 57 KiB that unpack to
// 64 MiB of `<a/>` would become gigabytes of objects.

import type { FileReading } from './reading'

/** A results.json of 100,000 tests has about 2 million values. */
export const MAX_VALUES = 3_000_000
/** Elements count twice, attributes and texts once. An xUnit file of 100,000 tests has about 1 million. */
const MAX_NODES = 2_000_000
/** Nested elements: the parser's stack is limited. */
const MAX_DEPTH = 10_000
const MAX_LINES = 2_000_000
/** Rows of a journal: a test has two or more. */
export const MAX_JOURNAL_ROWS = 500_000
export const MAX_TESTS = 250_000

/** Start and end of sections in which nothing is markup. */
const opaque = [
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?', '?>'],
] as const

const GREATER = 0x3e
const SLASH = 0x2f
const DOUBLE = 0x22
const SINGLE = 0x27

/** @throws BadRequest when there are more elements, attributes and texts than a file of tests needs. */
export function refuseManyNodes(text: string, reading: FileReading): void {
  let nodes = 0
  let tests = 0
  let depth = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const hidden = opaque.find(([start]) => text.startsWith(start, at))
    if (hidden) {
      const end = text.indexOf(hidden[1], at + hidden[0].length)
      nodes++
      at = end < 0 ? text.length : end + hidden[1].length
    } else {
      if (text.startsWith('<testcase', at)) tests++
      nodes += 2
      const first = text.charCodeAt(++at)
      for (
        let code = text.charCodeAt(at);
        at < text.length && code !== GREATER;
        code = text.charCodeAt(++at)
      ) {
        if (code !== DOUBLE && code !== SINGLE) continue
        const end = text.indexOf(code === DOUBLE ? '"' : "'", at + 1)
        nodes++
        at = end < 0 ? text.length : end
      }
      if (first === SLASH) depth--
      else if (isNameStart(first) && text.charCodeAt(at - 1) !== SLASH) depth++
    }
    if (depth > MAX_DEPTH) reading.refuse(`its elements are nested more than ${MAX_DEPTH} levels deep.`)
    if (nodes > MAX_NODES) reading.refuse(`it has more than ${MAX_NODES / 2} elements, attributes and texts.`)
    if (tests > MAX_TESTS) refuseManyTests(reading)
  }
}

/** Whether a `<` before this character begins an element. Otherwise it is a declaration, or `<` as unescaped text. */
function isNameStart(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
}

/** @throws BadRequest */
export function refuseManyLines(text: string, reading: FileReading): void {
  let lines = 0
  let tests = 0
  for (const [, outcome] of text.matchAll(/^[ \t]*((?:not )?ok\b)?/gm)) {
    if (outcome) tests++
    if (++lines > MAX_LINES) reading.refuse(`it has more than ${MAX_LINES} lines.`)
    if (tests > MAX_TESTS) refuseManyTests(reading)
  }
}

/** @throws BadRequest, always. */
export function refuseManyTests(reading: FileReading): never {
  reading.refuse(`it has more than ${MAX_TESTS} tests: send them as several jobs.`)
}
