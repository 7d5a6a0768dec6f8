// Adds, changes, deletes and imports known issues.

import type { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { Conflict, Invalid } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { hashOfText } from '../../storage/interned'
import { nextChange } from '../../storage/last-change'
import { type Connection, greater, query, tables } from '../../storage/query'
import { changedColumns, type KnownIssueColumns, newColumns, requireRule } from './columns'
import { type KnownIssueBody, MAX_KNOWN_ISSUES } from './model'
import { getKnownIssue, knownIssuesToCompare } from './queries'

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
  unmarked: nextChange,
})
const insert = query<Row & { onlyTestcase: number | null; beginsAt: Microseconds | null }>()((param) =>
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
const hide = query<{ id: number }>()((param) =>
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

function toRow(columns: KnownIssueColumns, { user, at }: Actor): Row {
  const hash = columns.template === null ? null : hashOfText(columns.template)
  return { ...columns, hash, user, now: at }
}

/**
 * Stores a known issue. For a write.
 *
 * @param only  the test case of one that a comment made, and when it begins.
 * @returns its id.
 */
export async function insertKnownIssue(
  connection: Connection,
  columns: KnownIssueColumns,
  actor: Actor,
  only?: { testcase: number; time: Microseconds },
): Promise<number> {
  const id = await connection.insert(insert, {
    ...toRow(columns, actor),
    onlyTestcase: only?.testcase ?? null,
    beginsAt: only?.time ?? null,
  })
  connection.markChanged('known-issue', id)
  return id
}

/** From now on it is not shown. The background deletes it, and what it has found. For a write. */
export async function hideKnownIssue(connection: Connection, id: number): Promise<void> {
  await connection.run(hide, { id })
  connection.markChanged('known-issue', id)
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
    const columns = newColumns(body)
    await requireRoom(connection, 1)
    const id = await insertKnownIssue(connection, columns, actor)
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

/** @throws NotFound */
export const deleteKnownIssue = defineWrite(
  'deleteKnownIssue',
  async (connection, { id, actor }: { id: number; actor: Actor }): Promise<void> => {
    const row = await getKnownIssue(connection, id)
    await hideKnownIssue(connection, id)
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
    const known = new Set((await knownIssuesToCompare(connection)).map(keyOf))
    let added = 0
    for (const [index, body] of bodies.entries()) {
      const columns = readImported(body, index)
      if (known.has(keyOf(columns))) continue
      known.add(keyOf(columns))
      await insertKnownIssue(connection, columns, actor)
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
    return newColumns(body)
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    const [[field, sentences] = ['', ['']]] = Object.entries(error.body) as [string, string[]][]
    throw new Invalid({ known_issues: `Item ${index + 1}: ${field}: ${sentences[0]}` })
  }
}
