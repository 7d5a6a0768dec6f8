// The wire format of a test, and the split of its tag into prefix, testcase and variant.

import { Type as t } from '@sinclair/typebox'
import { dateTime, nullable, optional, rowId, seconds, text } from '../../http/resource/fields'
import type { Shape } from '../../http/resource/shapes'
import { formatTime, type Microseconds } from '../../lib/time'
import { reportedStatusName, testStatusField, testStatusName } from '../statuses/model'

const STATUS_NOTE = 'PASS, ERROR, FAIL, TEST_NA, WARN; null: still running'

export const newTest = {
  tag: text({ min: 1, max: 1024 }),
  status: optional(testStatusField),
  environment: optional(nullable(rowId, { blank: true })),
  started: optional(nullable(dateTime, { blank: true })),
  elapsed_time: optional(nullable(seconds, { blank: true })),
  fail_reason: optional(nullable(text())),
} satisfies Shape

export const brief = {
  id: t.Integer(),
  job: t.String({ description: 'The id of its job' }),
  tag: t.String(),
  status: t.Union([t.String(), t.Null()], { description: STATUS_NOTE }),
  reported_status: t.Optional(
    t.String({ description: "The client's own word, where it differs: SKIP, CANCEL, INTERRUPTED" }),
  ),
}

/** A test in a list or a job. */
export const testItem = t.Object(brief)

/** A test from GET /jobs/:job/tests/:test/. */
export const wholeTestItem = t.Object({
  ...brief,
  name: t.String({ description: 'The tag without the number in front and the variant behind' }),
  variant: t.Union([t.String(), t.Null()]),
  suite: t.Optional(t.String({ description: 'The test suite that it is of, where its source names one' })),
  started: t.Union([t.String({ format: 'date-time' }), t.Null()]),
  elapsed_time: t.Union([t.Number(), t.Null()], { description: 'Seconds' }),
  fail_reason: t.Union([t.String(), t.Null()]),
  environment: t.Union([t.Integer(), t.Null()], { description: 'The id of a test environment' }),
})

/** A test in the list of a job's tests: `?include=details` adds the other fields. */
export const listedTestItem = t.Composite([
  testItem,
  t.Partial(t.Omit(wholeTestItem, Object.keys(brief) as (keyof typeof brief)[])),
])

/**
 * The parts of a tag: the tag is `prefix` + `testcase`. `001-passtest.py:PassTest.test;run-1` has the prefix `001-`,
 * the testcase `passtest.py:PassTest.test;run-1` and the variant `run-1`. In another job, the same test has the same
 * testcase and another prefix.
 */
export interface TagParts {
  /** The text before the name: a number, a suite and a number (`sanity-2-`), a suite, or nothing. */
  prefix: string
  /** Name and variant. */
  testcase: string
  /** '': unknown. */
  suite: string
  /** The end of the testcase, after a `;`. */
  variant: string | null
}

/** Splits a tag by the rules of Avocado. Source: TestID in Avocado. */
export function splitTag(tag: string): TagParts {
  const prefix = /^\d+-/.exec(tag)?.[0] ?? ''
  return { prefix, ...splitTestcase(tag.slice(prefix.length)) }
}

/** The testcase `passtest.py:PassTest.test;run-1` has the variant `run-1`. */
export function splitTestcase(testcase: string): Omit<TagParts, 'prefix'> {
  // The last `;`: the name of a test that is a shell command may have others.
  const end = testcase.lastIndexOf(';')
  return { testcase, suite: '', variant: end < 0 ? null : testcase.slice(end + 1) }
}

/** The name of a test: its testcase without the variant. */
export function nameOf({ testcase, variant }: Pick<TagParts, 'testcase' | 'variant'>): string {
  return variant === null ? testcase : testcase.slice(0, testcase.length - variant.length - 1)
}

/** Separates a suite from the name in a tag that has both. */
export const SUITE_SEPARATOR = ': '
/** How many ways to split a tag are tried: a suite may have dashes and digits itself. */
const MAX_SPLITS = 8

/** The possible prefixes of a tag, the likeliest first. An import may know a split that the tag does not show. */
export function prefixesOf(tag: string): string[] {
  const plain = splitTag(tag).prefix
  const prefixes = new Set([plain, ''])
  for (const { index, 0: found } of tag.matchAll(/-\d+-|: /g)) {
    if (prefixes.size >= MAX_SPLITS) break
    prefixes.add(tag.slice(0, index + found.length))
  }
  return [...prefixes]
}

export interface TestRow {
  id: number
  prefix: string
  testcase: string
  status: number | null
  reported_status: number | null
}

export interface WholeTestRow extends TestRow {
  testcaseId: number
  suite: string
  variant: string | null
  completed_by_activity: number
  started: Microseconds | null
  elapsed: number | null
  fail_reason: string | null
  /** The test's own environment, or else the job's. */
  environment: number | null
  own_environment: number | null
}

/** A test in a list or a job, in the wire format. */
export interface TestItem {
  id: number
  job: string
  tag: string
  status: string | null
  reported_status?: string | null
}

export function toTest(row: TestRow, jobId: string): TestItem {
  return {
    id: row.id,
    job: jobId,
    tag: row.prefix + row.testcase,
    status: testStatusName(row.status),
    ...(row.reported_status !== null && { reported_status: reportedStatusName(row.reported_status) }),
  }
}

export function toWholeTest(row: WholeTestRow, jobId: string) {
  return {
    ...toTest(row, jobId),
    name: nameOf(row),
    variant: row.variant,
    ...(row.suite !== '' && { suite: row.suite }),
    started: row.started === null ? null : formatTime(row.started),
    elapsed_time: row.elapsed,
    fail_reason: row.fail_reason,
    environment: row.environment,
  }
}
