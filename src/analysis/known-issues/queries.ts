// Reads and writes known issues.

import { type RawBuilder, sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import type { Slice } from '../../http/resource/pagination'
import { Conflict, Invalid, NotFound } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { hashOfText } from '../../storage/interned'
import {
  type Connection,
  contains,
  dynamicQuery,
  greater,
  inList,
  inTime,
  members,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { type IssueState, type KnownIssueBody, MAX_KNOWN_ISSUES } from './model'

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

export function knownIssuesByIds(connection: Connection, ids: Iterable<number>): Promise<KnownIssueRow[]> {
  return connection.all(byIds, { ids: toNumberList([...new Set(ids)]) })
}

/** The state of a known issue. It depends on the time: one that nobody saw for a while is taken for resolved. */
export function stateOf(
  {
    expires,
    incidents,
    endsAt,
    reopenedAt,
  }: Pick<KnownIssueRow, 'expires' | 'incidents' | 'endsAt' | 'reopenedAt'>,
  now: Microseconds,
): IssueState {
  if (expires !== null && expires <= now) return 'expired'
  if (incidents === 0 || endsAt === null) return 'open'
  if (endsAt <= now) return 'resolved?'
  return reopenedAt === null ? 'open' : 'regressed'
}

/** The same in SQL. */
const stateAt = (now: Microseconds) => sql<IssueState>`CASE
  WHEN expires <= ${now} THEN 'expired'
  WHEN incidents = 0 OR ends_at IS NULL THEN 'open'
  WHEN ends_at <= ${now} THEN 'resolved?'
  WHEN reopened_at IS NULL THEN 'open'
  ELSE 'regressed' END`

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
  const found = new Map((await knownIssuesByIds(connection, ids)).map((row) => [row.id, row]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

const allRules = query<{ limit: number }>()((param) =>
  rows
    .where('deleted', '=', 0)
    .where('only_testcase', 'is', null)
    .orderBy('known_issue.id')
    .limit(param('limit')),
)

/** For an export. @throws AnswerTooLarge */
export function allKnownIssues(connection: Connection): Promise<KnownIssueRow[]> {
  return connection.allOfAnswer(allRules, { limit: MAX_KNOWN_ISSUES })
}

/** The columns that clients write. */
export interface KnownIssueColumns {
  template: string | null
  pattern: string | null
  testcase: string | null
  variant: string | null
  host: string | null
  component: string | null
  reportUrl: string
  reportSubject: string
  culprit: number
  comment: string
  intermittent: number
  expires: Microseconds | null
}

/** Nothing is known of it yet. */
export const NEW: KnownIssueColumns = {
  ...{ template: null, pattern: null, testcase: null, variant: null, host: null, component: null },
  ...{ reportUrl: '', reportSubject: '', culprit: 0, comment: '', intermittent: 0, expires: null },
}
const CULPRITS = { code: 1, tool: 2, harness: 4 }

export function toCulprit(culprit: number) {
  const has = (name: keyof typeof CULPRITS) => (culprit & CULPRITS[name]) > 0
  return { code: has('code'), tool: has('tool'), harness: has('harness') }
}

/**
 * What is stored when a body changes what is there.
 *
 * @throws Invalid when the result tells nothing, or does not say which failures it is about.
 */
function changedColumns(before: KnownIssueColumns, body: KnownIssueBody): KnownIssueColumns {
  const { report_url, report_subject, culprit, intermittent, ...same } = body
  let bits = before.culprit
  for (const [name, bit] of Object.entries(CULPRITS)) {
    const given = culprit?.[name as keyof typeof CULPRITS]
    if (given !== undefined) bits = given ? bits | bit : bits & ~bit
  }
  const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined))
  const after: KnownIssueColumns = {
    ...before,
    ...given,
    reportUrl: report_url ?? before.reportUrl,
    reportSubject: report_subject ?? before.reportSubject,
    culprit: bits,
    intermittent: intermittent === undefined ? before.intermittent : Number(intermittent),
  }
  if (after.reportUrl === '' && after.reportSubject === '') {
    throw new Invalid({ report_url: 'Give the link of a report, or a report_subject: what is known?' })
  }
  return after
}

/** @throws Invalid */
function requireRule({ template, pattern }: KnownIssueColumns): void {
  if (template !== null && pattern !== null) {
    throw new Invalid({ pattern: 'Give either a template or a pattern, not both.' })
  }
  if (template === null && pattern === null) {
    throw new Invalid({ template: 'Give a template or a pattern: which failures is it about?' })
  }
}

type Row = KnownIssueColumns & { hash: Uint8Array | null; user: number | null; now: Microseconds }
const written = (param: (name: keyof Row) => ReturnType<typeof sql<never>>) => ({
  template: param('template'),
  template_hash: param('hash'),
  pattern: param('pattern'),
  testcase: param('testcase'),
  variant: param('variant'),
  host: param('host'),
  component: param('component'),
  report_url: param('reportUrl'),
  report_subject: param('reportSubject'),
  culprit: param('culprit'),
  comment: param('comment'),
  intermittent: param('intermittent'),
  expires: param('expires'),
  changed_at: param('now'),
  changed_by: param('user'),
  unmarked: sql<never>`(SELECT number + 1 FROM change)`,
})
export const insertKnownIssue = query<Row & { onlyTestcase: number | null; beginsAt: Microseconds | null }>()(
  (param) =>
    tables.insertInto('known_issue').values({
      ...written(param as never),
      only_testcase: param('onlyTestcase') as never,
      begins_at: param('beginsAt') as never,
      created_at: param('now'),
      created_by: param('user') as never,
    }),
)
const update = query<Row & { id: number; unmatch: number }>()((param) =>
  tables
    .updateTable('known_issue')
    .set({ ...written(param as never), unmatch: greater('unmatch', param('unmatch')) })
    .where('id', '=', param('id')),
)
export const hideKnownIssue = query<{ id: number }>()((param) =>
  tables.updateTable('known_issue').set({ deleted: 1 }).where('id', '=', param('id')),
)
const counted = query()(() =>
  tables.selectFrom('known_issue').select((column) => column.fn.countAll<number>().as('count')),
)
/** Known issues with one key say the same. */
const keyOf = ({ template, pattern, testcase, variant, host, component, reportUrl }: KnownIssueColumns) =>
  JSON.stringify([template, pattern, testcase, variant, host, component, reportUrl])

const nameOf = (id: number) => `known issue ${id}`
const detailOf = ({ reportSubject, reportUrl }: KnownIssueColumns) => reportSubject || reportUrl

export function toRow(columns: KnownIssueColumns, { user, at }: Actor): Row {
  const hash = columns.template === null ? null : hashOfText(columns.template)
  return { ...columns, hash, user, now: at }
}

/** @throws Conflict */
export async function requireRoom(connection: Connection, more: number): Promise<void> {
  const { count = 0 } = (await connection.first(counted, {})) ?? {}
  if (count + more > MAX_KNOWN_ISSUES) {
    throw new Conflict(
      `There are ${count} known issues, and at most ${MAX_KNOWN_ISSUES} are kept: delete those that are expired or resolved.`,
    )
  }
}

/** The template in the body is a template, not a fail reason. @throws Invalid, Conflict */
export const addKnownIssue = defineWrite(
  'addKnownIssue',
  async (connection, { body, actor }: { body: KnownIssueBody; actor: Actor }): Promise<{ id: number }> => {
    const columns = changedColumns(NEW, body)
    requireRule(columns)
    await requireRoom(connection, 1)
    const id = await connection.insert(insertKnownIssue, {
      ...toRow(columns, actor),
      onlyTestcase: null,
      beginsAt: null,
    })
    connection.markChanged('known-issue', id)
    await record(connection, actor, 'known-issue-added', nameOf(id), detailOf(columns))
    return { id }
  },
)

/** @throws NotFound, Invalid */
export const changeKnownIssue = defineWrite(
  'changeKnownIssue',
  async (
    connection,
    { id, body, actor }: { id: number; body: KnownIssueBody; actor: Actor },
  ): Promise<void> => {
    const before = await getKnownIssue(connection, id)
    const columns = changedColumns(before, body)
    if (before.onlyTestcase === null) requireRule(columns)
    const unmatch = Number(before.pattern !== null && before.pattern !== columns.pattern)
    await connection.run(update, { ...toRow(columns, actor), id, unmatch })
    connection.markChanged('known-issue', id)
    await record(connection, actor, 'known-issue-changed', nameOf(id), detailOf(columns))
  },
)

/** The background deletes what hangs on it. @throws NotFound */
export const deleteKnownIssue = defineWrite(
  'deleteKnownIssue',
  async (connection, { id, actor }: { id: number; actor: Actor }): Promise<void> => {
    const row = await getKnownIssue(connection, id)
    await connection.run(hideKnownIssue, { id })
    connection.markChanged('known-issue', id)
    await record(connection, actor, 'known-issue-deleted', nameOf(id), detailOf(row))
  },
)

/** Adds those that are not there yet, all or none. @throws Invalid, Conflict */
export const importKnownIssues = defineWrite(
  'importKnownIssues',
  async (
    connection,
    { bodies, actor }: { bodies: KnownIssueBody[]; actor: Actor },
  ): Promise<{ added: number; unchanged: number }> => {
    const known = new Set((await connection.all(allRules, { limit: MAX_KNOWN_ISSUES })).map(keyOf))
    let added = 0
    for (const [index, body] of bodies.entries()) {
      const columns = readImported(body, index)
      if (known.has(keyOf(columns))) continue
      known.add(keyOf(columns))
      const id = await connection.insert(insertKnownIssue, {
        ...toRow(columns, actor),
        onlyTestcase: null,
        beginsAt: null,
      })
      connection.markChanged('known-issue', id)
      added++
    }
    await requireRoom(connection, 0)
    if (added > 0) await record(connection, actor, 'known-issues-imported', 'known issues', `${added} added`)
    return { added, unchanged: bodies.length - added }
  },
)

/** @throws Invalid with the number of the item */
function readImported(body: KnownIssueBody, index: number): KnownIssueColumns {
  try {
    const columns = changedColumns(NEW, body)
    requireRule(columns)
    return columns
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    const [[field, sentences] = ['', ['']]] = Object.entries(error.body) as [string, string[]][]
    throw new Invalid({ known_issues: `Item ${index + 1}: ${field}: ${sentences[0]}` })
  }
}
