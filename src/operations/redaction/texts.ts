// Masks texts that were stored before secrets were masked. If a masked text must be unique and exists already, it gets
// a number as a suffix.

import { sql } from 'kysely'
import { addToSearch, removeFromSearch } from '../../results/core/job-search'
import { setDescription } from '../../results/core/visibility'
import { nameOf } from '../../results/tests/model'
import { secretMarkers } from '../../secrets/find'
import { maskText } from '../../secrets/mask'
import { defineQuery, defineWrite } from '../../storage/database'
import { isUniqueViolation } from '../../storage/engine-errors'
import { hashOfText } from '../../storage/interned'
import { type Connection, contains, dynamicQuery, tables } from '../../storage/query'
import { replaceReasonInSearch, replaceTestcaseInSearch } from '../../storage/test-search'
import { maskPaths } from './paths'
import { maskLabels, maskReportedHost } from './places'
import { type Progress, storeProgress } from './task'

type Column =
  | 'description'
  | 'text'
  | 'suite'
  | 'variant'
  | 'prefix'
  | 'category'
  | 'key'
  | 'value'
  | 'name'
  | 'version'
  | 'release'
  | 'checksum'
  | 'reported_host'
  | 'path'
  | 'object'
  | 'detail'
type Row = { id: number } & Partial<Record<Column, string | null>>

/** A table with texts from clients. */
interface Texts {
  /** Unless told that of its table. */
  name?: string
  table: string
  key: 'id' | 'number' | 'job' | 'test'
  columns: readonly Column[]
  /** What the command calls the rows. */
  noun: string
}

const parts = [
  { table: 'job', key: 'number', columns: ['description'], noun: 'descriptions' },
  { table: 'activity_name', key: 'id', columns: ['text'], noun: 'activities' },
  { table: 'testcase', key: 'id', columns: ['text', 'suite', 'variant'], noun: 'names of tests' },
  // The prefix of a tag is the name of a suite, which may be any text.
  { table: 'test', key: 'id', columns: ['prefix'], noun: 'beginnings of tags' },
  { table: 'fail_reason', key: 'id', columns: ['text'], noun: 'fail reasons' },
  { table: 'job_data', key: 'id', columns: ['category', 'key', 'value'], noun: 'data of jobs' },
  { table: 'test_data', key: 'id', columns: ['category', 'key', 'value'], noun: 'data of tests' },
  { table: 'component_kind', key: 'id', columns: ['name'], noun: 'kinds of components' },
  { table: 'arch', key: 'id', columns: ['name'], noun: 'architectures' },
  { table: 'component', key: 'id', columns: ['name', 'version', 'release', 'checksum'], noun: 'components' },
  { table: 'distro', key: 'id', columns: ['name', 'version', 'release'], noun: 'distros' },
  { table: 'host', key: 'id', columns: ['name'], noun: 'names of hosts' },
  { table: 'branch', key: 'id', columns: ['name'], noun: 'names of branches' },
  { table: 'job_label', key: 'job', columns: ['value'], noun: 'lists of labels' },
  { name: 'reported_host', table: 'job', key: 'number', columns: ['reported_host'], noun: 'reported hosts' },
  { table: 'job_file', key: 'job', columns: ['path'], noun: 'lists of files of jobs' },
  { table: 'test_file', key: 'test', columns: ['path'], noun: 'lists of files of tests' },
  // A host that was renamed, and the tags of tests that were deleted.
  { table: 'audit', key: 'id', columns: ['object', 'detail'], noun: 'entries of the audit log' },
  // After the reasons, of which a running server makes templates.
  { table: 'template', key: 'id', columns: ['text'], noun: 'templates of fail reasons' },
] as const satisfies Texts[]

/** Ids that one query looks through. */
const IDS = 20_000
/** Rows that one transaction changes at most. */
const ROWS = 50
const MAX_TRIES = 1000

export const textParts = parts.map((part) => ({ name: part.table, ...part, ...queriesOf(part) }))
export type TextPart = (typeof textParts)[number]

function queriesOf({ table: name, key: keyName, columns: names }: Texts) {
  // A cast for Kysely: every table has the columns that are used below.
  const table = name as 'activity_name'
  const key = sql.ref<number>(keyName)
  const columns = names as readonly 'text'[]
  const hasMark = sql<boolean>`(${sql.join(
    columns.flatMap((column) => secretMarkers.map((mark) => contains(column, sql`${mark}`))),
    sql` OR `,
  )})`
  const rows = tables.selectFrom(table).select(key.as('id')).select(columns)
  return {
    last: dynamicQuery('lastText')(() => tables.selectFrom(table).select(sql<number>`max(${key})`.as('id'))),
    suspects: dynamicQuery<{ after: number; until: number; limit: number }>('suspectTexts')((param) =>
      rows
        .where(key, '>', param('after'))
        .where(key, '<=', param('until'))
        .where(hasMark)
        .orderBy(key)
        .limit(param('limit')),
    ),
    one: dynamicQuery<{ id: number }>('suspectText')((param) => rows.where(key, '=', param('id'))),
    update: dynamicQuery<Row>('maskText')((param) =>
      tables
        .updateTable(table)
        .set(Object.fromEntries(columns.map((column) => [column, param(column)])))
        .where(key, '=', param('id')),
    ),
  }
}

/** The highest id of a part. */
export const lastText = defineQuery(
  'lastText',
  async (connection, name: string) => (await connection.first(partNamed(name).last, {}))?.id ?? 0,
)

/**
 * The ids of the next rows with a secret.
 *
 * @returns `after`: the last id that was looked at, `until` at most.
 */
export const nextTexts = defineQuery(
  'nextTexts',
  async (
    connection,
    { name, progress: { after, until } }: { name: string; progress: Pick<Progress, 'after' | 'until'> },
  ): Promise<{ ids: number[]; after: number }> => {
    const part = partNamed(name)
    const end = Math.min(until, after + IDS)
    const suspects = (await connection.all(part.suspects, { after, until: end, limit: ROWS })) as Row[]
    const masked = suspects.filter((row) => maskedRow(part, row) !== undefined)
    const ids = [...new Set(masked.map(({ id }) => id))] // a job has many labels
    const last = suspects.at(-1)
    return { ids, after: suspects.length === ROWS && last ? last.id : end }
  },
)

function partNamed(name: string): TextPart {
  const part = textParts.find((part) => part.name === name)
  if (!part) throw new Error(`there are no texts called ${name}`)
  return part
}

/** @returns undefined when the row has nothing to mask. */
function maskedRow({ columns }: TextPart, row: Row): Row | undefined {
  const masked: Row = { ...row }
  for (const column of columns) {
    const text = row[column] ?? null
    masked[column] = text === null ? null : maskText(text)
  }
  // The variant is the end of the text, and a password may begin in the name and end in the variant.
  const { text, variant } = masked
  if (typeof text === 'string' && typeof variant === 'string')
    masked.variant = text.slice(text.length - variant.length)
  return columns.some((column) => masked[column] !== row[column]) ? masked : undefined
}

/**
 * Masks the rows as they are now, and stores the progress in the same transaction.
 *
 * @returns false: some are left, and it has to be called again.
 */
export const maskTexts = defineWrite(
  'maskTexts',
  async (
    connection,
    { name, ids, progress }: { name: string; ids: number[]; progress: Progress },
  ): Promise<boolean> => {
    const part = partNamed(name)
    let isDone = true
    for (const id of ids) {
      isDone = await maskOne(connection, part, id)
      if (!isDone) break
    }
    if (isDone) await storeProgress(connection, progress)
    return isDone
  },
)

/** @returns whether nothing of it is left to mask. */
async function maskOne(connection: Connection, part: TextPart, id: number): Promise<boolean> {
  let isDone = true
  if (part.name === 'job_label') await maskLabels(connection, id)
  else if (part.name === 'job_file' || part.name === 'test_file')
    isDone = await maskPaths(connection, part.name, id)
  else await maskRow(connection, part, id)
  if (part.name === 'audit') connection.markChanged('audit', id)
  // A text is stored once, and many jobs may show it.
  else if (part.name !== 'job') connection.markChanged('job', 'any')
  return isDone
}

async function maskRow(connection: Connection, part: TextPart, id: number): Promise<void> {
  const row = (await connection.first(part.one, { id })) as Row | undefined
  const masked = row && maskedRow(part, row)
  if (!masked) return
  if (part.name === 'job') await maskJob(connection, id, masked.description ?? null)
  else if (part.name === 'fail_reason' || part.name === 'template')
    await maskHashed(connection, part.name, masked)
  else if (part.name === 'testcase') await maskTestcase(connection, part, masked)
  else if (part.name === 'reported_host') {
    await maskReportedHost(connection, id, row.reported_host ?? '', masked.reported_host ?? '')
  } else await maskUnique(connection, part, masked)
  if (part.name === 'component' || part.name === 'distro' || part.name === 'arch')
    connection.markChanged(part.name, id)
  if (part.name === 'component_kind') connection.markChanged('component-kind', id)
}

/** @returns the row as it is stored. */
async function maskUnique(connection: Connection, part: TextPart, masked: Row): Promise<Row> {
  for (let count = 1; ; count++) {
    const row = count === 1 ? masked : withNumber(masked, count)
    try {
      await connection.run(part.update, row)
      return row
    } catch (error) {
      if (!isUniqueViolation(error) || count === MAX_TRIES) throw error
    }
  }
}

/** Masks the text of a test case, also in the search index. */
async function maskTestcase(connection: Connection, part: TextPart, masked: Row): Promise<void> {
  const { id, text, suite, variant = null } = await maskUnique(connection, part, masked)
  const name = nameOf({ testcase: text ?? '', variant })
  await replaceTestcaseInSearch(connection, id, { suite: suite ?? '', name, variant })
}

function withNumber(row: Row, count: number): Row {
  const withSuffix = (text: string | null | undefined) => (text == null ? null : `${text}#${count}`)
  if ('variant' in row) return { ...row, text: withSuffix(row.text), variant: withSuffix(row.variant) }
  const column = (['text', 'name', 'key', 'prefix'] as const).find((name) => name in row) ?? 'text'
  return { ...row, [column]: withSuffix(row[column]) }
}

const jobToMask = dynamicQuery<{ job: number }>('jobToMask')((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'description', 'complete'])
    .where('number', '=', param('job')),
)

/** Masks the description of a job, also in the search index. */
async function maskJob(connection: Connection, job: number, description: string | null): Promise<void> {
  const before = await connection.first(jobToMask, { job })
  if (!before) return
  await setDescription(connection, job, description)
  connection.markChanged('job', job)
  if (before.complete === 0) return
  await removeFromSearch(connection, before)
  await addToSearch(connection, { ...before, description })
}

const setHashed = (table: 'fail_reason' | 'template') =>
  dynamicQuery<{ id: number; text: string; hash: Uint8Array }>('maskHashed')((param) =>
    tables
      .updateTable(table)
      .set({ text: param('text'), hash: param('hash') })
      .where('id', '=', param('id')),
  )
const hashed = { fail_reason: setHashed('fail_reason'), template: setHashed('template') }

/**
 * Masks a text that is found by its hash. If the masked text exists already, this row gets a hash that nothing looks for.
 * Pointing the tests of a reason, or the reasons of a template, to the other row would mean to look at all of them.
 */
async function maskHashed(
  connection: Connection,
  name: keyof typeof hashed,
  { id, text }: Row,
): Promise<void> {
  const change = { id, text: text ?? '' }
  const update = (of: string) => connection.run(hashed[name], { ...change, hash: hashOfText(of) })
  try {
    await update(change.text)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    await update(`${change.text}\0${id}`)
  }
  if (name === 'fail_reason') await replaceReasonInSearch(connection, id, change.text)
}
