// The parameters of the searches, and the test cases, fail reasons and times that they let through.

import { sql } from 'kysely'
import { integer, keyword, withDescription } from '../../http/request/query'
import { dateTime, optional, rowId, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { Invalid } from '../../lib/errors'
import { DAY, type Microseconds } from '../../lib/time'
import { searchText } from '../../results/core/search-words'
import { scopeFilters } from '../../results/scope/model'
import { statusFilter } from '../../results/tests/filters'
import { type Connection, listOf, query, tables } from '../../storage/query'
import type { Outcome } from '../runs/outcome'
import { DEFAULT_DAYS, endOfMinute, MAX_DAYS } from '../runs/window'
import { cursorField } from './cursor'
import { type IdBits, intersection, readIds, setOf } from './ids'
import { findReasons, findTestcases, WordMatches } from './words'

/** The most characters of a test's name, with its variant. */
export const TAG_LENGTH = 1024

const words = (description: string) =>
  optional(withDescription(`${description}. At most 16 words`, searchText))

const testFilters = {
  search: words(
    'All these words, each the beginning of a word of the suite, the name, the variant or a fail reason. ' +
      'Punctuation separates words and is not looked for: `disk=ide` are two words in a row',
  ),
  suite: words('Words of the suite, as in `search`'),
  name: words('Words of the name, as in `search`'),
  variant: words('Words of the variant, as in `search`: `disk=ide`'),
  testcase: optional(
    withDescription(
      'One test: its whole name, with all its variants, or `name;variant`',
      text({ max: TAG_LENGTH }),
    ),
  ),
  reason: words('Words of the fail reason, as in `search`'),
  template: optional(
    withDescription(
      'The id of a template, which stands for all fail reasons that differ only in numbers, paths and the like',
      rowId,
    ),
  ),
  ...scopeFilters,
} satisfies Shape

export const testcaseFilters = {
  ...testFilters,
  days: optional(
    withDescription(
      `How many days back runs count, ${DEFAULT_DAYS} unless told`,
      integer({ min: 1, max: MAX_DAYS }),
    ),
  ),
  until: optional(withDescription('Runs of before this time count; now unless told', dateTime)),
} satisfies Shape

const outcomes: Record<Outcome, Outcome> = { failed: 'failed', passed: 'passed', none: 'none' }

export const runFilters = {
  ...testFilters,
  job: optional(withDescription('The id or number of a job: its runs', text({ max: 40 }))),
  status: statusFilter,
  outcome: optional(
    withDescription(
      'failed: FAIL, ERROR, or INTERRUPTED by a time-out; passed: PASS or WARN; none: all others',
      keyword(outcomes, 'outcome'),
    ),
  ),
  since: optional(withDescription('Runs of this time or later', dateTime)),
  days: optional(withDescription('Runs of the last days', integer({ min: 1, max: MAX_DAYS }))),
  until: optional(withDescription('Runs of before this time', dateTime)),
  cursor: optional(cursorField),
} satisfies Shape

export const reasonFilters = { search: testFilters.search } satisfies Shape

export type RunFilters = Body<typeof runFilters>
export type TestcaseFilters = Body<typeof testcaseFilters>

/** What the filters let through of test cases and fail reasons; undefined: all. */
export interface Selection {
  testcases: IdBits | undefined
  /** A run needs one of these reasons. */
  reasons: IdBits | undefined
  /** Parts of a search text, each of which is in the test case or in the fail reason of a run. */
  words: WordMatches | undefined
}

const testcasesByText = query<{ text: string; first: string; end: string; length: number }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(listOf('id').as('ids'))
    .where(
      sql<boolean>`text = ${param('text')} OR (text >= ${param('first')} AND text < ${param('end')}
        AND variant IS NOT NULL AND length(text) - length(variant) - 1 = ${param('length')})`,
    ),
)

// A template that became part of a wider one keeps its reasons.
const reasonsByTemplate = query<{ template: number }>()((param) =>
  tables
    .withRecursive('kin', (with_) =>
      with_
        .selectFrom('template')
        .select('template.id')
        .where('template.id', '=', param('template'))
        .union((union) =>
          union.selectFrom('kin').innerJoin('template', 'template.parent', 'kin.id').select('template.id'),
        ),
    )
    .selectFrom('kin')
    .crossJoin('fail_reason')
    .select(listOf('fail_reason.id').as('ids'))
    .whereRef('fail_reason.template', '=', 'kin.id'),
)

export async function selectionOf(
  connection: Connection,
  { search, suite, name, variant, testcase, reason, template }: Omit<TestcaseFilters, 'days' | 'until'>,
): Promise<Selection> {
  return {
    testcases: intersection(
      await findTestcases(connection, { suite, name, variant }),
      testcase === undefined ? undefined : await findTestcase(connection, testcase),
    ),
    reasons: intersection(
      await findReasons(connection, reason ?? ''),
      template === undefined ? undefined : setOf(await readIds(connection, reasonsByTemplate, { template })),
    ),
    words: await WordMatches.find(connection, search ?? ''),
  }
}

/** The test cases with this name, or with this name and variant. */
export async function findTestcase(connection: Connection, text: string): Promise<IdBits> {
  // `<` follows `;` in the order of texts.
  const range = { text, first: `${text};`, end: `${text}<`, length: [...text].length }
  return setOf(await readIds(connection, testcasesByText, range))
}

/** Whether an answer depends on the indexes of words. */
export function asksForWords(filters: Partial<TestcaseFilters>): boolean {
  return (['search', 'suite', 'name', 'variant', 'reason'] as const).some((field) => filters[field])
}

export interface Times {
  /** Included. */
  since: Microseconds
  /** Excluded. */
  until: Microseconds
}

/** @throws Invalid when the range is empty. */
export function timesOf({ since, days, until }: RunFilters, now: Microseconds): Times {
  if (since !== undefined && days !== undefined) {
    throw new Invalid({ days: 'Give since or days, not both.' })
  }
  const end = until ?? Number.MAX_SAFE_INTEGER
  const begin = since ?? (days === undefined ? 0 : Math.min(end, now) - days * DAY)
  if (begin >= end) throw new Invalid({ until: 'This is not after the beginning of the range.' })
  return { since: begin, until: end }
}

/** The window of a list of test cases. */
export function windowOf({ days = DEFAULT_DAYS, until }: TestcaseFilters, now: Microseconds): Times {
  const end = until ?? endOfMinute(now)
  return { since: end - days * DAY, until: end }
}
