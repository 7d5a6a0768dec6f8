// Test cases: what is the same test in all jobs. Stored once and referred to by number.

import { type Connection, query, tables } from '../../storage/query'
import { prefixesOf, splitTestcase, type TagParts } from './model'

type Testcase = Omit<TagParts, 'prefix'>

const MAX_REMEMBERED = 20_000

const testcasesOfText = query<{ text: string }>()((param) =>
  tables.selectFrom('testcase').select(['id', 'suite', 'variant']).where('text', '=', param('text')),
)
const insertTestcase = query<{ text: string; suite: string; variant: string | null }>()((param) =>
  tables
    .insertInto('testcase')
    .values({ text: param('text'), suite: param('suite'), variant: param('variant') }),
)

/** The number of a test case, which gets a row when it has none yet. */
export function testcaseId(connection: Connection, testcase: Testcase): number {
  const remembered = connection.remembered.testcase
  const key = keyOf(testcase)
  const known = remembered.get(key)
  if (known !== undefined) return known
  const { testcase: text, suite, variant } = testcase
  const stored = connection.all(testcasesOfText, { text })
  const same = stored.find((other) => other.suite === suite && other.variant === variant)
  const id = same?.id ?? connection.run(insertTestcase, { text, suite, variant }).lastInsertRowid
  if (!same) connection.unambiguousTags.clear()
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(key, id)
  if (stored.length > (same ? 1 : 0) || key !== text) remembered.set(severalKey(text), 1)
  return id
}

/**
 * Whether the job that a test is added to may have one with the same tag, split in another way. Hardly ever true.
 *
 * @param parts  how the tag is split now, its test case looked up by testcaseId() before.
 */
export function mayBeSplitOtherwise(connection: Connection, tag: string, parts: TagParts): boolean {
  if (connection.remembered.testcase.has(severalKey(parts.testcase))) return true
  const known = connection.unambiguousTags
  if (known.has(tag)) return false
  const texts = prefixesOf(tag).flatMap((prefix) => (prefix === parts.prefix ? [] : tag.slice(prefix.length)))
  if (texts.some((text) => connection.first(testcasesOfText, { text }))) return true
  if (known.size >= MAX_REMEMBERED) known.clear()
  known.add(tag)
  return false
}

/** Under it is noted that several test cases have the text, or one that the text alone does not tell. */
function severalKey(text: string): string {
  return `${text}\0several`
}

/** The text alone where nothing but the text was known; a NUL is in no name. */
function keyOf({ testcase, suite, variant }: Testcase): string {
  return suite === '' && variant === splitTestcase(testcase).variant
    ? testcase
    : `${testcase}\0${suite}\0${variant?.length ?? ''}`
}
