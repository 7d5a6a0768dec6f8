// Finds test cases and fail reasons by words. A run fits a search text if each part of it is in the suite, name or
// variant of its test case, or in its fail reason.

import { mapInTurn } from '../../lib/cooperative'
import { searchParts } from '../../results/core/search-words'
import { ENTRY_ID, matches, searchPattern } from '../../storage/full-text'
import { type Connection, inTime, listOf, query, tables } from '../../storage/query'
import type { SearchPattern } from '../../storage/search-terms'
import { highestOf, type IdBits, readIds, setOf } from './ids'

const matching = (index: 'testcase_search' | 'reason_search') =>
  query<{ pattern: SearchPattern }>()((param) =>
    tables
      .selectFrom(index)
      .select(listOf(ENTRY_ID).as('ids'))
      .where(matches(index, param('pattern')))
      .where(inTime),
  )
const matchingTestcases = matching('testcase_search')
const matchingReasons = matching('reason_search')

/** Words that must be in one field of a test case. Each is the beginning of a word there. */
export interface TestcaseWords {
  suite?: string | undefined
  name?: string | undefined
  variant?: string | undefined
}

/** The test cases with these words. @returns undefined when there are no words: every test case fits. */
export async function findTestcases(
  connection: Connection,
  words: TestcaseWords,
): Promise<IdBits | undefined> {
  const parts = (['suite', 'name', 'variant'] as const).flatMap((column) =>
    searchParts(words[column] ?? '').map((text) => [{ text, column }]),
  )
  if (parts.length === 0) return undefined
  return setOf(await readIds(connection, matchingTestcases, { pattern: searchPattern(parts) }))
}

/** The fail reasons with all words of a text. @returns undefined when it has none. */
export async function findReasons(connection: Connection, text: string): Promise<IdBits | undefined> {
  const parts = searchParts(text).map((text) => [{ text }])
  if (parts.length === 0) return undefined
  return setOf(await readIds(connection, matchingReasons, { pattern: searchPattern(parts) }))
}

/** Where the parts of a search text are: a bit a part for each test case and fail reason. */
export class WordMatches {
  private constructor(
    readonly testcases: IdBits,
    readonly reasons: IdBits,
    /** All bits. */
    readonly all: number,
  ) {}

  /** @returns undefined when the text has no words. */
  static async find(connection: Connection, text: string): Promise<WordMatches | undefined> {
    const patterns = searchParts(text).map((text) => searchPattern([[{ text }]]))
    if (patterns.length === 0) return undefined
    const bitsOf = async (listed: typeof matchingTestcases) => {
      const found = await mapInTurn(patterns, (pattern) => readIds(connection, listed, { pattern }))
      const bits = new Uint16Array(Math.max(...found.map(highestOf)) + 1)
      for (const [index, ids] of found.entries()) {
        for (const id of ids) bits[id] = (bits[id] ?? 0) | (1 << index)
      }
      return bits
    }
    const [testcases, reasons] = [await bitsOf(matchingTestcases), await bitsOf(matchingReasons)]
    return new WordMatches(testcases, reasons, 2 ** patterns.length - 1)
  }

  fits(testcase: number, reason: number | null): boolean {
    const bits = (this.testcases[testcase] ?? 0) | (reason === null ? 0 : (this.reasons[reason] ?? 0))
    return bits === this.all
  }

  /** The test cases that have every part themselves. */
  get wholeTestcases(): number[] {
    const ids: number[] = []
    for (const [id, bits] of this.testcases.entries()) if (bits === this.all) ids.push(id)
    return ids
  }

  /** The fail reasons that make a run fit, perhaps together with its test case; the newest first. */
  get helpfulReasons(): number[] {
    let somewhere = 0
    for (const bits of this.testcases) somewhere |= bits
    const ids: number[] = []
    for (let id = this.reasons.length - 1; id > 0; id--) {
      const bits = this.reasons[id] ?? 0
      if (bits !== 0 && (bits | somewhere) === this.all) ids.push(id)
    }
    return ids
  }
}
