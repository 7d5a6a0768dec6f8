// Queries for results, groups and testcases. No list scans all tests or jobs: each considers only the newest rows that
// match an indexed filter, or the newest rows of all.

import { sql } from 'kysely'
import { mapInTurn } from '../../../lib/cooperative'
import { ofShownJob, visible } from '../../../results/core/job-reference'
import { defineQuery } from '../../../storage/database'
import {
  type Connection,
  dynamicQuery,
  inTime,
  likeAny,
  members,
  notIndexed,
  query,
  tables,
  thenJoin,
  toInteger,
} from '../../../storage/query'
import {
  COPY_OF,
  type GroupRow,
  REF_URL,
  RESULTSDB_CATEGORY,
  RESULTSDB_LIST_CATEGORY,
  type ResultRow,
  SUBMIT_TIME,
} from './model'

/** How many of the newest tests or jobs a list considers. */
const MAX_LOOKBACK = 100_000

/** Filters of results. A result must match all that are given. */
export interface Filter {
  outcomes?: string[]
  testcases?: string[]
  /** `*` matches any text. */
  testcasesLike?: string[]
  groups?: string[]
  since?: { from: string; to: string | undefined }
  /** A key of `data` and its possible values; `like`: `*` in a value matches any text. */
  data: { key: string; values: string[]; like: boolean }[]
}

const testcase = sql<string>`testcase.text`

const results = tables
  .selectFrom('test')
  .innerJoin('job', 'job.number', 'test.job')
  .innerJoin('testcase', 'testcase.id', 'test.testcase')
  .leftJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
  .select([
    'test.id',
    'job.id as jobId',
    testcase.as('testcase'),
    'test.status',
    'test.reported_status as reported',
    'fail_reason.text as failReason',
  ])
  .where(visible)

const resultById = query<{ id: number }>()((param) => results.where('test.id', '=', param('id')))

const dataOf = query<{ test: number }>()((param) =>
  tables
    .selectFrom('test_data')
    .select(['category', 'key', 'value'])
    .where('test', '=', param('test'))
    .where('category', 'in', [RESULTSDB_CATEGORY, RESULTSDB_LIST_CATEGORY])
    .orderBy('id'),
)

const groupById = query<{ id: string }>()((param) =>
  groups().where(sql`lower(job.id)`, '=', sql`lower(${param('id')})`),
)

function groups() {
  return tables
    .selectFrom('job')
    .leftJoin('job_data', (join) =>
      join
        .onRef('job_data.job', '=', 'job.number')
        .on('job_data.category', '=', RESULTSDB_CATEGORY)
        .on('job_data.key', '=', REF_URL),
    )
    .select(['job.id', 'job.description', 'job_data.value as refUrl', 'job.tests_total as results'])
    .where(visible)
}

/** A testcase stays stored after its last test was deleted, but is not listed. */
const hasTests = sql<boolean>`EXISTS (SELECT 1 FROM test WHERE test.testcase = testcase.id)`

const testcaseByText = query<{ text: string }>()((param) =>
  tables.selectFrom('testcase').select('text as name').where('text', '=', param('text')).where(hasTests),
)

export const findResult = defineQuery(
  'findResult',
  async (connection, id: number): Promise<ResultRow | undefined> => {
    const row = await connection.first(resultById, { id })
    return row && { ...row, data: await connection.all(dataOf, { test: id }) }
  },
)

async function withData(connection: Connection, row: Omit<ResultRow, 'data'>): Promise<ResultRow> {
  return { ...row, data: await connection.allOfAnswer(dataOf, { test: row.id }) }
}

/** A page of results, the newest first. */
export async function listResults(
  connection: Connection,
  filter: Filter,
  page: { limit: number; offset: number },
): Promise<ResultRow[]> {
  const list = dynamicQuery('listResults')(() => {
    let list = results
    for (const condition of conditionsOf(filter)) list = list.where(condition)
    return list.orderBy('test.id', 'desc').limit(page.limit).offset(page.offset)
  })
  return mapInTurn(await connection.allOfAnswer(list, {}), (row) => withData(connection, row))
}

/** The newest matching result of each testcase. */
export async function latestResults(connection: Connection, filter: Filter): Promise<ResultRow[]> {
  const list = dynamicQuery('latestResults')(() => {
    let newest = tables
      .selectFrom('test')
      .innerJoin('testcase', 'testcase.id', 'test.testcase')
      .select((column) => column.fn.max('test.id').as('id'))
      .where(ofShownJob)
    for (const condition of conditionsOf(filter)) newest = newest.where(condition)
    // By the index of histories, which has this order, it would walk through all of it.
    return results
      .where('test.id', 'in', newest.groupBy(notIndexed('test.testcase')))
      .orderBy('test.id', 'desc')
  })
  return mapInTurn(await connection.allOfAnswer(list, {}), (row) => withData(connection, row))
}

export const findGroup = defineQuery(
  'findGroup',
  (connection, id: string): Promise<GroupRow | undefined> => connection.first(groupById, { id }),
)

export function listGroups(
  connection: Connection,
  filter: { uuids?: string[]; descriptions?: string[]; descriptionsLike?: string[] },
  page: { limit: number; offset: number },
): Promise<GroupRow[]> {
  const list = dynamicQuery('listGroups')(() => {
    let list = groups()
    if (filter.uuids)
      list = list.where(
        oneOf(
          sql`lower(job.id)`,
          filter.uuids.map((id) => id.toLowerCase()),
        ),
      )
    if (filter.descriptions) list = list.where(oneOf(sql`job.description`, filter.descriptions))
    if (!filter.uuids && !filter.descriptions) {
      list = list.where(sql<boolean>`job.number > (SELECT max(number) FROM job) - ${MAX_LOOKBACK}`)
    }
    list = list.where(inTime) // before the patterns: SQLite skips later conditions for a row that a pattern rejects
    if (filter.descriptionsLike) list = list.where(likeAny(sql`job.description`, filter.descriptionsLike))
    return list.orderBy('job.number', 'desc').limit(page.limit).offset(page.offset)
  })
  return connection.allOfAnswer(list, {})
}

export const findTestcase = defineQuery('findTestcase', (connection, text: string) =>
  connection.first(testcaseByText, { text }),
)

export function listTestcases(
  connection: Connection,
  like: string[] | undefined,
  page: { limit: number; offset: number },
): Promise<{ name: string }[]> {
  const list = dynamicQuery('listTestcases')(() => {
    let list = tables.selectFrom('testcase').select('text as name').distinct().where(hasTests).where(inTime)
    if (like) list = list.where(likeAny(testcase, like))
    return list.orderBy('text').limit(page.limit).offset(page.offset)
  })
  return connection.allOfAnswer(list, {})
}

type Text = ReturnType<typeof sql>

/** A single value is compared with `=`: SQLite can then use the order of the index to find the newest. */
function oneOf(text: Text, values: string[]) {
  return values.length === 1
    ? sql<boolean>`${text} = ${values[0]}`
    : sql<boolean>`${text} IN ${members(values)}`
}

/** The id of the test that `test` is a copy of, for a result in several groups; NULL if that was deleted. */
const originalTest = sql`(SELECT original.id FROM test_data AS note
  JOIN test AS original ON original.id = ${toInteger('note.value')}
  WHERE note.test = test.id AND note.category = ${sql.lit(RESULTSDB_CATEGORY)} AND note.key = ${sql.lit(COPY_OF)})`

function* conditionsOf(filter: Filter) {
  yield inTime
  // A result in several groups is listed once.
  yield sql<boolean>`NOT EXISTS ${originalTest}`
  const indexed = [...indexedFilters(filter)]
  if (indexed.length === 0) yield sql<boolean>`test.id > (SELECT max(id) FROM test) - ${MAX_LOOKBACK}`
  for (const tests of indexed) yield sql<boolean>`test.id IN (${tests})`
  if (filter.outcomes) yield oneOf(outcome, filter.outcomes)
  if (filter.testcasesLike) yield likeAny(testcase, filter.testcasesLike)
  for (const { key, values, like } of filter.data) {
    if (like) yield hasDatumLike(key, values)
  }
}

/** For each indexed filter, a query for the ids of its tests. Each reads a limited number of index entries. */
function* indexedFilters({ groups, testcases, since, data }: Filter) {
  if (groups) {
    const ids = groups.map((id) => id.toLowerCase())
    yield sql`SELECT coalesce(${originalTest}, test.id) FROM job ${thenJoin} test ON test.job = job.number WHERE ${oneOf(sql`lower(job.id)`, ids)}`
  }
  for (const { key, values, like } of data) {
    if (like) continue
    const beginnings = values.map(valuePrefixOf)
    yield sql`SELECT test FROM test_data WHERE ${ofKey(key)}
      AND ${oneOf(valuePrefix, beginnings)} AND ${oneOf(sql`value`, values)} ORDER BY test DESC LIMIT ${MAX_LOOKBACK}`
  }
  if (testcases) {
    yield sql`SELECT id FROM test WHERE testcase IN (SELECT id FROM testcase WHERE ${oneOf(sql`text`, testcases)})
      ORDER BY ran_at DESC LIMIT ${MAX_LOOKBACK}`
  }
  if (since) {
    const { from, to } = since
    const until = to === undefined ? sql`` : sql`AND ${valuePrefix} <= ${to}`
    yield sql`SELECT test FROM test_data WHERE ${ofKey(SUBMIT_TIME)} AND ${valuePrefix} >= ${from} ${until}
      ORDER BY ${valuePrefix} DESC LIMIT ${MAX_LOOKBACK}`
  }
}

/** The length of the prefix in the index test_data_by_value. */
const VALUE_PREFIX_LENGTH = 64
const valuePrefix = sql`substr(value, 1, ${sql.lit(VALUE_PREFIX_LENGTH)})`

/** The prefix of a value, in code points as SQLite counts. */
function valuePrefixOf(value: string): string {
  return Array.from(value.slice(0, 2 * VALUE_PREFIX_LENGTH))
    .slice(0, VALUE_PREFIX_LENGTH)
    .join('')
}

/** The categories are literals, because otherwise SQLite does not use the partial index. */
function ofKey(key: string) {
  return sql`category IN (${sql.lit(RESULTSDB_CATEGORY)}, ${sql.lit(RESULTSDB_LIST_CATEGORY)}) AND key = ${key}`
}

const outcome = sql<string>`CASE
  WHEN test.reported_status IS NOT NULL OR test.status = 5 THEN 'INFO'
  WHEN test.status = 1 THEN 'PASSED'
  WHEN test.status = 3 THEN 'FAILED'
  WHEN test.status = 4 THEN 'INFO'
  ELSE 'NEEDS_INSPECTION' END`

function hasDatumLike(key: string, patterns: string[]) {
  return sql<boolean>`EXISTS (SELECT 1 FROM test_data WHERE test_data.test = test.id
    AND category IN (${RESULTSDB_CATEGORY}, ${RESULTSDB_LIST_CATEGORY}) AND key = ${key} AND ${likeAny(sql`test_data.value`, patterns)})`
}
