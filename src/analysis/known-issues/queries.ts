// Reads known issues.

import { type RawBuilder, sql } from 'kysely'
import type { Slice } from '../../http/resource/pagination'
import { NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineQuery } from '../../storage/database'
import {
  type Connection,
  contains,
  dynamicQuery,
  inList,
  inTime,
  members,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { type IssueState, MAX_KNOWN_ISSUES } from './model'
import { stateAt } from './state'

const columns = [
  'known_issue.id',
  'known_issue.template',
  'known_issue.pattern',
  'known_issue.testcase',
  'known_issue.variant',
  'known_issue.host',
  'known_issue.component',
  'known_issue.only_testcase as onlyTestcase',
  'known_issue.report_url as reportUrl',
  'known_issue.report_subject as reportSubject',
  'known_issue.culprit',
  'known_issue.comment',
  'known_issue.intermittent',
  'known_issue.expires',
  'known_issue.incidents',
  'known_issue.testcases',
  'known_issue.first_time as first',
  'known_issue.last_time as last',
  'known_issue.ends_at as endsAt',
  'known_issue.reopened_at as reopenedAt',
  'known_issue.created_at as createdAt',
  'known_issue.changed_at as changedAt',
] as const

const rows = tables
  .selectFrom('known_issue')
  .leftJoin('template', 'template.hash', 'known_issue.template_hash')
  .select(columns)
  .select(sql<number | null>`coalesce(template.parent, template.id)`.as('templateId'))
  .leftJoin('user as creator', 'creator.id', 'known_issue.created_by')
  .leftJoin('user as changer', 'changer.id', 'known_issue.changed_by')
  .select(['creator.username as createdBy', 'changer.username as changedBy'])

const byId = query<{ id: number }>()((param) =>
  rows.where('known_issue.id', '=', param('id')).where('deleted', '=', 0),
)
const byIds = query<{ ids: NumberList }>()((param) =>
  rows.where(inList('known_issue.id', param('ids'))).where('deleted', '=', 0),
)

export type KnownIssueRow = NonNullable<Awaited<ReturnType<typeof findKnownIssue>>>

function findKnownIssue(connection: Connection, id: number) {
  return connection.first(byId, { id })
}

/** @throws NotFound */
export async function getKnownIssue(connection: Connection, id: number): Promise<KnownIssueRow> {
  const row = await findKnownIssue(connection, id)
  if (!row) throw new NotFound()
  return row
}

export const getKnownIssueQuery = defineQuery('getKnownIssue', getKnownIssue)

/** By their ids. Those that were deleted are left out. */
export async function knownIssuesByIds(
  connection: Connection,
  ids: Iterable<number>,
): Promise<Map<number, KnownIssueRow>> {
  const rows = await connection.all(byIds, { ids: toNumberList([...new Set(ids)]) })
  return new Map(rows.map((row) => [row.id, row]))
}

export interface KnownIssueFilter {
  state?: IssueState[] | undefined
  search?: string | undefined
  /** The id of a template, or of the cluster that it belongs to. */
  template?: number | undefined
  testcases: number[] | undefined
  now: Microseconds
}

function* conditionsOf({
  state,
  search,
  template,
  testcases,
  now,
}: KnownIssueFilter): Generator<RawBuilder<boolean>> {
  yield inTime
  yield sql<boolean>`deleted = 0`
  if (state) yield sql<boolean>`${stateAt(now)} IN ${members(state)}`
  if (search !== undefined) {
    const texts = ['report_subject', 'report_url', 'comment', 'known_issue.template', 'pattern']
    const text = sql.join(
      texts.map((column) => sql`coalesce(${sql.ref(column)}, '')`),
      sql` || ${sql.lit('\n')} || `,
    )
    yield contains(sql`lower(${text})`, sql`${search.toLowerCase()}`)
  }
  if (template !== undefined) {
    yield sql<boolean>`template_hash IN (SELECT hash FROM template AS about
      WHERE about.id = ${template} OR about.parent = ${template})`
  }
  if (testcases) {
    yield sql<boolean>`id IN (SELECT issue FROM known_issue_case
      WHERE known_issue_case.testcase IN ${members(testcases)})`
  }
}

const highestId = query()(() =>
  tables.selectFrom('known_issue').select((column) => column.fn.max('id').as('id')),
)

/** An upper bound of their number. */
export async function maxKnownIssues(connection: Connection): Promise<number> {
  return Math.min((await connection.first(highestId, {}))?.id ?? 0, MAX_KNOWN_ISSUES)
}

export async function countKnownIssues(connection: Connection, filter: KnownIssueFilter): Promise<number> {
  const counted = dynamicQuery('countKnownIssues')(() => {
    let all = tables.selectFrom('known_issue').select((column) => column.fn.countAll<number>().as('count'))
    for (const condition of conditionsOf(filter)) all = all.where(condition)
    return all
  })
  return (await connection.first(counted, {}))?.count ?? 0
}

/** Those that were seen last come first, then those that were never seen. */
export async function listKnownIssues(
  connection: Connection,
  filter: KnownIssueFilter,
  slice: Slice,
): Promise<KnownIssueRow[]> {
  const listed = dynamicQuery('listKnownIssues')(() => {
    let all = tables.selectFrom('known_issue').select('id')
    for (const condition of conditionsOf(filter)) all = all.where(condition)
    return all
      .orderBy(sql`coalesce(last_time, 0)`, 'desc')
      .orderBy('id', 'desc')
      .limit(slice.limit)
      .offset(slice.offset)
  })
  const ids = (await connection.all(listed, {})).map(({ id }) => id)
  const found = await knownIssuesByIds(connection, ids)
  return ids.flatMap((id) => found.get(id) ?? [])
}

const allRules = query<{ limit: number }>()((param) =>
  rows
    .where('deleted', '=', 0)
    .where('only_testcase', 'is', null)
    .orderBy('known_issue.id')
    .limit(param('limit')),
)

/** For an export: all but those that comments made. @throws AnswerTooLarge */
export function allKnownIssues(connection: Connection): Promise<KnownIssueRow[]> {
  return connection.allOfAnswer(allRules, { limit: MAX_KNOWN_ISSUES })
}

/** The same for an import, which tells what is there already. */
export function knownIssuesToCompare(connection: Connection): Promise<KnownIssueRow[]> {
  return connection.all(allRules, { limit: MAX_KNOWN_ISSUES })
}
