// Testcases: what the same test has in common in all jobs. Each is stored once, and tests refer to it by id.

import { type Connection, query, tables } from '../../storage/query'
import { addTestcaseToSearch } from '../../storage/test-search'
import { nameOf, prefixesOf, splitTestcase, type TagParts } from './model'

type Testcase = Omit<TagParts, 'prefix'>

const MAX_CACHED = 20_000

const testcasesOfText = query<{ text: string }>()((param) =>
  tables.selectFrom('testcase').select(['id', 'suite', 'variant']).where('text', '=', param('text')),
)
const insertTestcase = query<{ text: string; suite: string; variant: string | null }>()((param) =>
  tables
    .insertInto('testcase')
    .values({ text: param('text'), suite: param('suite'), variant: param('variant') }),
)

/** The id of a testcase; a new testcase gets a row. */
export async function testcaseId(connection: Connection, testcase: Testcase): Promise<number> {
  const cache = connection.cachedIds.testcase
  const key = keyOf(testcase)
  const known = cache.get(key)
  if (known !== undefined) return known
  const { testcase: text, suite, variant } = testcase
  const stored = await connection.all(testcasesOfText, { text })
  const same = stored.find((other) => other.suite === suite && other.variant === variant)
  const id = same?.id ?? (await connection.insert(insertTestcase, { text, suite, variant }))
  if (!same) {
    await addTestcaseToSearch(connection, id, { suite, name: nameOf(testcase), variant })
    connection.unambiguousTags.clear()
  }
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(key, id)
  if (stored.length > (same ? 1 : 0) || key !== text) cache.set(ambiguousKey(text), 1)
  return id
}

/**
 * Whether a job may have a test with the same tag, split in another way. This is rare.
 *
 * @param parts  the split of the tag; testcaseId() must have looked up its testcase before.
 */
export async function mayHaveOtherSplit(
  connection: Connection,
  tag: string,
  parts: TagParts,
): Promise<boolean> {
  if (connection.cachedIds.testcase.has(ambiguousKey(parts.testcase))) return true
  const known = connection.unambiguousTags
  if (known.has(tag)) return false
  const texts = prefixesOf(tag).flatMap((prefix) => (prefix === parts.prefix ? [] : tag.slice(prefix.length)))
  for (const text of texts) if (await connection.first(testcasesOfText, { text })) return true
  if (known.size >= MAX_CACHED) known.clear()
  known.add(tag)
  return false
}

/** The key that marks a text with several testcases, or with one whose suite or variant does not follow from it. */
function ambiguousKey(text: string): string {
  return `${text}\0several`
}

/** The text alone where suite and variant follow from it. NUL is a safe separator: no name has one. */
function keyOf({ testcase, suite, variant }: Testcase): string {
  return suite === '' && variant === splitTestcase(testcase).variant
    ? testcase
    : `${testcase}\0${suite}\0${variant?.length ?? ''}`
}
