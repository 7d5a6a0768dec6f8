// The parameters of /clusters/, and the clusters that they let through.

import { type RawBuilder, sql } from 'kysely'
import { integer, withDescription } from '../../http/request/query'
import { dateTime, optional, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import type { Microseconds } from '../../lib/time'
import { type Connection, contains, dynamicQuery, inTime, members, query, tables } from '../../storage/query'
import { DEFAULT_DAYS, type TimeRange, windowOf } from '../runs/window'
import { findTestcase, TAG_LENGTH } from '../search/filters'
import { idsOf } from '../search/ids'

export const PAGE_SIZE = 20
const CLUSTER_DAYS = 14
const NAME_LENGTH = 255
const MAX_WORDS = 16

export const clusterOrderings = ['failures', 'first', 'last'] as const
export type ClusterOrdering = (typeof clusterOrderings)[number]

export const windowParameters = {
  days: optional(
    withDescription(
      `How many days the window has; ${CLUSTER_DAYS} unless told`,
      integer({ min: 1, max: DEFAULT_DAYS }),
    ),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
} satisfies Shape

export const clusterQuery = {
  ...windowParameters,
  search: optional(
    withDescription(
      'Parts of the template, separated by spaces: all must be in it',
      text({ max: TAG_LENGTH }),
    ),
  ),
  testcase: optional(
    withDescription(
      'Those of one test: its name, for all variants, or `name;variant`',
      text({ max: TAG_LENGTH }),
    ),
  ),
  host: optional(withDescription('Those seen on this host', text({ max: NAME_LENGTH }))),
} satisfies Shape

export type ClusterQuery = Body<typeof clusterQuery>

export function rangeOf({ days = CLUSTER_DAYS, until }: ClusterQuery, now: Microseconds): TimeRange {
  return windowOf({ now, days, until })
}

/** A cluster in a list. */
export interface ClusterRow {
  template: number
  failures: number
  first: Microseconds
  last: Microseconds
}

// Each template is looked up behind the one before, and only its failures in the window are read.
const NEXT = sql`(SELECT min(template_run.template) FROM template_run WHERE template_run.template > found.template)`
const allTemplates = sql<{ template: number }>`(WITH RECURSIVE found(template) AS (
    SELECT (SELECT min(template_run.template) FROM template_run)
    UNION ALL SELECT ${NEXT} FROM found WHERE found.template IS NOT NULL AND ${inTime}
  ) SELECT template FROM found WHERE template IS NOT NULL)`

const ofCluster = (param: (name: 'from' | 'to') => RawBuilder<number>) =>
  sql`template_run WHERE template_run.template = cluster.template
    AND template_run.time >= ${param('from')} AND template_run.time <= ${param('to')}`
// The time is looked at once a template: once a failure would take longer than to count it.
const listed = query<TimeRange>()((param) =>
  tables
    .selectFrom(allTemplates.as('cluster'))
    .select([
      'cluster.template',
      sql<number>`(SELECT count(*) FROM ${ofCluster(param)})`.as('failures'),
      sql<number>`(SELECT min(template_run.time) FROM ${ofCluster(param)})`.as('first'),
      sql<number>`(SELECT max(template_run.time) FROM ${ofCluster(param)})`.as('last'),
    ])
    .where(sql<boolean>`EXISTS (SELECT 1 FROM ${ofCluster(param)})`)
    .where(inTime),
)

/** The clusters with failures in a range of time, in no order. */
export async function listClusters(
  connection: Connection,
  range: TimeRange,
  { search, testcase, host }: ClusterQuery,
): Promise<ClusterRow[]> {
  const rows =
    testcase === undefined && host === undefined
      ? await connection.all(listed, range)
      : await listSome(connection, range, { testcase, host })
  if (search === undefined || rows.length === 0) return rows
  const found = await withWords(connection, rows, search)
  return rows.filter(({ template }) => found.has(template))
}

/** Those of a test or on a host: its failures alone count. */
async function listSome(
  connection: Connection,
  { from, to }: TimeRange,
  { testcase, host }: { testcase: string | undefined; host: string | undefined },
): Promise<ClusterRow[]> {
  const testcases = testcase === undefined ? undefined : idsOf(await findTestcase(connection, testcase))
  const some = dynamicQuery('clustersOf')(() => {
    let list = testcases
      ? tables.selectFrom('template_run as run').where(sql<boolean>`run.testcase IN ${members(testcases)}`)
      : tables
          .selectFrom(allTemplates.as('cluster'))
          .crossJoin('template_run as run')
          .whereRef('run.template', '=', 'cluster.template')
    if (host !== undefined)
      list = list.where(sql<boolean>`run.host = (SELECT id FROM host WHERE name = ${host})`)
    return list
      .select('run.template')
      .select((column) => [
        column.fn.countAll<number>().as('failures'),
        column.fn.min('run.time').as('first'),
        column.fn.max('run.time').as('last'),
      ])
      .where('run.time', '>=', from)
      .where('run.time', '<=', to)
      .where(inTime)
      .groupBy('run.template')
  })
  return connection.all(some, {})
}

async function withWords(
  connection: Connection,
  rows: readonly ClusterRow[],
  search: string,
): Promise<Set<number>> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS)
  const found = dynamicQuery('clustersWithWords')(() => {
    let list = tables
      .selectFrom('template')
      .select('id')
      .where(sql<boolean>`id IN ${members(rows.map(({ template }) => template))}`)
      .where(inTime)
    for (const word of words) list = list.where(contains(sql`lower(text)`, sql`${word}`))
    return list
  })
  return new Set((await connection.all(found, {})).map(({ id }) => id))
}
