// The queries and writes of the background that match the patterns of known issues with fail reasons: with each distinct
// reason once, not with each failure.

import { sql } from 'kysely'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange } from '../../storage/last-change'
import {
  type Connection,
  inList,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { MAX_LENGTH } from '../reasons/mask'
import { markIncidents } from './marks'
import { matchesReason, PatternError } from './pattern'

/** How long one query matches, in milliseconds, and how many reasons it reads. */
const MAX_READ_MS = 8
const MAX_REASONS = 500
/** Rows that one write adds. They take the writer a few milliseconds. */
const MAX_ROWS = 1000

const furthestBehind = query()(() =>
  tables
    .selectFrom('known_issue')
    .select('matched_to as from')
    .where('pattern', 'is not', null)
    .where('deleted', '=', 0)
    .where('unmatch', '=', 0)
    .orderBy('matched_to')
    .limit(1),
)
const patternsAt = query<{ from: number }>()((param) =>
  tables
    .selectFrom('known_issue')
    .select(['id', sql<string>`pattern`.as('pattern')])
    .where('pattern', 'is not', null)
    .where('matched_to', '=', param('from'))
    .where('deleted', '=', 0)
    .where('unmatch', '=', 0),
)
const reasonsAfter = query<{ from: number; limit: number }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .select(['id', sql<string>`substr(text, 1, ${sql.lit(MAX_LENGTH)})`.as('text')])
    .where('id', '>', param('from'))
    .orderBy('id')
    .limit(param('limit')),
)
const testcasesWith = query<{ reasons: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .select('testcase')
    .distinct()
    .where(inList('fail_reason', param('reasons'))),
)

/** What a query has found, for the writes that store it. Plain values. */
export interface Matches {
  /** The last reason that was matched before, and the last one now. */
  from: number
  to: number
  /** All known issues whose patterns were matched. */
  issues: number[]
  matches: [issue: number, reason: number][]
  /** The test cases that failed with these reasons. */
  testcases: number[]
}

/** Matches the next reasons with the patterns that are the furthest behind. @returns null: all are matched */
export const matchReasons = defineQuery(
  'matchReasons',
  async (connection, _: Record<never, never>): Promise<Matches | null> => {
    const from = (await connection.first(furthestBehind, {}))?.from
    if (from === undefined) return null
    const reasons = await connection.all(reasonsAfter, { from, limit: MAX_REASONS })
    if (reasons.length === 0) return null
    const patterns = await connection.all(patternsAt, { from })
    const end = performance.now() + MAX_READ_MS
    const found: Matches = {
      from,
      to: from,
      issues: patterns.map(({ id }) => id),
      matches: [],
      testcases: [],
    }
    for (const { id: reason, text } of reasons) {
      for (const { id, pattern } of patterns) if (isMatch(pattern, text)) found.matches.push([id, reason])
      found.to = reason
      if (performance.now() > end) break
    }
    const matched = [...new Set(found.matches.map(([, reason]) => reason))]
    if (matched.length > 0) {
      const rows = await connection.all(testcasesWith, { reasons: toNumberList(matched) })
      found.testcases = rows.map(({ testcase }) => testcase)
    }
    return found
  },
)

function isMatch(pattern: string, text: string): boolean {
  try {
    return matchesReason(pattern, text)
  } catch (error) {
    // A later version of the library may refuse what this one took.
    if (error instanceof PatternError) return false
    throw error
  }
}

const insertMatch = query<{ issue: number; reason: number }>()((param) =>
  tables
    .insertInto('known_issue_match')
    .columns(['issue', 'reason'])
    .expression(
      // A rule that was changed or deleted meanwhile gets none.
      tables
        .selectFrom('known_issue')
        .select(['id as issue', sql<number>`${param('reason')}`.as('reason')])
        .where('id', '=', param('issue'))
        .where('deleted', '=', 0)
        .where('unmatch', '=', 0),
    )
    .onConflict((conflict) => conflict.doNothing()),
)
const advance = query<{ issues: NumberList; from: number; to: number }>()((param) =>
  tables
    .updateTable('known_issue')
    .set({ matched_to: param('to') })
    .where(inList('id', param('issues')))
    .where(sql<boolean>`${notIndexed('matched_to')} = ${param('from')}`)
    .where('unmatch', '=', 0),
)

/** Stores a part of what was found. @param isLast  nothing is left to store */
export const storeMatches = defineWrite(
  'storeMatches',
  async (connection, { found, isLast }: { found: Matches; isLast: boolean }): Promise<void> => {
    for (const [issue, reason] of found.matches) await connection.run(insertMatch, { issue, reason })
    for (const testcase of found.testcases) await markIncidents(connection, testcase)
    if (!isLast) return
    const { from, to } = found
    await connection.run(advance, { issues: toNumberList(found.issues), from, to })
    connection.markChanged('analysis', 'any')
  },
)

/** The parts of what was found, each for one write. All matches come before the test cases that depend on them. */
export function* partsOfMatches(all: Matches): Generator<{ found: Matches; isLast: boolean }> {
  const part = (more: Partial<Matches>) => ({
    found: { ...all, matches: [], testcases: [], ...more },
    isLast: false,
  })
  for (let at = 0; at < all.matches.length; at += MAX_ROWS) {
    yield part({ matches: all.matches.slice(at, at + MAX_ROWS) })
  }
  for (let at = 0; at < all.testcases.length; at += MAX_ROWS) {
    yield part({ testcases: all.testcases.slice(at, at + MAX_ROWS) })
  }
  yield { ...part({}), isLast: true }
}

const changedRules = query()(() =>
  tables
    .selectFrom('known_issue')
    .select(['id', 'template_hash as hash', 'only_testcase as onlyTestcase'])
    .where(sql<boolean>`unmarked > 0`)
    .orderBy('id')
    .limit(1),
)
const testcasesOfTemplate = query<{ hash: Uint8Array }>()((param) =>
  tables
    .selectFrom('template')
    .innerJoin('fail_reason', 'fail_reason.template', 'template.id')
    .innerJoin('test', 'test.fail_reason', 'fail_reason.id')
    .select('test.testcase')
    .distinct()
    .where(
      sql<boolean>`template.id IN (
        SELECT id FROM template WHERE hash = ${param('hash')}
        UNION ALL SELECT part.id FROM template AS whole JOIN template AS part ON part.parent = whole.id
          WHERE whole.hash = ${param('hash')})`,
    ),
)
// A reason that names a host, or says nothing, has no template of its own. The template is stored for the run.
const testcasesOfRuns = query<{ hash: Uint8Array }>()((param) =>
  tables
    .selectFrom('template')
    .innerJoin('template_run', (join) =>
      join.on(sql<boolean>`template_run.template = coalesce(template.parent, template.id)`),
    )
    .select('template_run.testcase')
    .distinct()
    .where('template.hash', '=', param('hash')),
)
const testcasesOfMatches = query<{ issue: number }>()((param) =>
  tables
    .selectFrom('known_issue_match')
    .innerJoin('test', 'test.fail_reason', 'known_issue_match.reason')
    .select('test.testcase')
    .distinct()
    .where('issue', '=', param('issue')),
)
const testcasesOfIssue = query<{ issue: number }>()((param) =>
  tables.selectFrom('known_issue_case').select('testcase').where('issue', '=', param('issue')),
)

/** A rule that was added, changed or deleted, and the test cases that it matches or matched. */
export interface ChangedRule {
  issue: number
  /** The number of the last commit that this takes into account. */
  change: number
  testcases: number[]
}

export const findChangedRule = defineQuery(
  'findChangedRule',
  async (connection, _: Record<never, never>): Promise<ChangedRule | null> => {
    const rule = await connection.first(changedRules, {})
    if (!rule) return null
    const { id: issue, hash, onlyTestcase } = rule
    const rows = await connection.all(testcasesOfIssue, { issue })
    if (onlyTestcase !== null) rows.push({ testcase: onlyTestcase })
    else if (hash === null) rows.push(...(await connection.all(testcasesOfMatches, { issue })))
    else rows.push(...(await testcasesByTemplate(connection, hash)))
    const change = await lastChange(connection)
    return { issue, change, testcases: [...new Set(rows.map(({ testcase }) => testcase))] }
  },
)

async function testcasesByTemplate(
  connection: Connection,
  hash: Uint8Array,
): Promise<{ testcase: number }[]> {
  return [
    ...(await connection.all(testcasesOfTemplate, { hash })),
    ...(await connection.all(testcasesOfRuns, { hash })),
  ]
}

const setMarked = query<{ issue: number; change: number }>()((param) =>
  tables
    .updateTable('known_issue')
    .set({ unmarked: 0 })
    .where('id', '=', param('issue'))
    .where('unmarked', '<=', param('change')),
)

/** Marks a part of the test cases of a changed rule. @param isLast  nothing is left to mark */
export const markRule = defineWrite(
  'markRule',
  async (
    connection,
    { issue, change, testcases, isLast }: ChangedRule & { isLast: boolean },
  ): Promise<void> => {
    for (const testcase of testcases) await markIncidents(connection, testcase)
    if (!isLast) return
    await connection.run(setMarked, { issue, change })
    connection.markChanged('analysis', 'any')
  },
)

export function* partsOfRule(rule: ChangedRule): Generator<ChangedRule & { isLast: boolean }> {
  for (let at = 0; at === 0 || at < rule.testcases.length; at += MAX_ROWS) {
    const testcases = rule.testcases.slice(at, at + MAX_ROWS)
    yield { ...rule, testcases, isLast: at + MAX_ROWS >= rule.testcases.length }
  }
}
