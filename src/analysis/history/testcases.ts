// The test cases that a question about a history names: one, or all variants of a name.

import { Invalid, NotFound } from '../../lib/errors'
import { nameOf } from '../../results/tests/model'
import { type Connection, query, tables } from '../../storage/query'

export interface NamedTestcase {
  id: number
  testcase: string
  suite: string
  name: string
  variant: string | null
}

export interface TestcaseQuestion {
  testcase?: string | undefined
  name?: string | undefined
  suite?: string | undefined
  variant?: string | undefined
}

/** Each has a window of its own that is read. */
const MAX_TESTCASES = 100
const MAX_LOOKED_AT = 20_000

const columns = ['id', 'text as testcase', 'suite', 'variant'] as const
const byText = query<{ text: string }>()((param) =>
  tables.selectFrom('testcase').select(columns).where('text', '=', param('text')),
)
const withVariants = query<{ first: string; end: string; limit: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(columns)
    .where('text', '>=', param('first'))
    .where('text', '<', param('end'))
    .orderBy('text')
    .limit(param('limit')),
)

/**
 * @throws Invalid when the question names nothing, or too many test cases; NotFound when there is no such test case.
 */
export async function findTestcases(
  connection: Connection,
  { testcase, name, suite, variant }: TestcaseQuestion,
): Promise<NamedTestcase[]> {
  const text = testcase ?? name
  if (text === undefined) {
    throw new Invalid({ name: 'Name a test: name=NAME, or testcase=NAME;VARIANT as in a tag.' })
  }
  // `<` follows `;` in the order of texts.
  const range = { first: `${text};`, end: `${text}<`, limit: MAX_LOOKED_AT }
  const named = [...(await connection.all(byText, { text })), ...(await connection.all(withVariants, range))]
    .map((row) => ({ ...row, name: nameOf(row) }))
    .filter((row) => row.name === text || (testcase !== undefined && row.testcase === text))
    .filter((row) => suite === undefined || row.suite === suite)
  const chosen = variant === undefined ? named : ofVariant(named, variant)
  if (chosen.length === 0) throw new NotFound()
  if (chosen.length > MAX_TESTCASES) {
    throw new Invalid({
      variant: `${chosen.length} variants of this test fit, and at most ${MAX_TESTCASES} are shown at once: name a variant, or words of it.`,
    })
  }
  return chosen
}

/** Those with exactly this variant; where there are none, those whose variants have all of these words. */
function ofVariant(testcases: NamedTestcase[], variant: string): NamedTestcase[] {
  const exact = testcases.filter((one) => one.variant === variant)
  if (exact.length > 0) return exact
  return testcases.filter((one) => hasWordsOf(one.variant, variant))
}

/** Whether a variant has all of some words. @param words  one or more, as in a variant. */
export function hasWordsOf(variant: string | null, words: string): boolean {
  const wanted = wordsOf(words)
  return wanted.size > 0 && wanted.isSubsetOf(wordsOf(variant ?? ''))
}

function wordsOf(variant: string): Set<string> {
  return new Set(
    variant
      .toLowerCase()
      .split(/[\s,;]+|-(?![\d.]+\b)/)
      .filter((word) => word !== ''),
  )
}
