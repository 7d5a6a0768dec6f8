// Known issues and their incidents in the wire format.

import type { Slice } from '../../http/resource/pagination'
import { formatTime, type Microseconds } from '../../lib/time'
import { reportedStatusName, testStatusName } from '../../results/statuses/model'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { toTestcase } from '../model'
import { toJobItem } from '../names'
import { toCulprit } from './columns'
import type { ExportItem, IncidentItem, KnownIssueItem, KnownIssueLink } from './model'
import { type KnownIssueRow, knownIssuesByIds } from './queries'
import { stateOf } from './state'

const timeOrNull = (time: Microseconds | null) => (time === null ? null : formatTime(time))

export function toKnownIssue(row: KnownIssueRow, now: Microseconds): KnownIssueItem {
  const state = stateOf(row, now)
  const isOver = row.endsAt !== null && row.endsAt <= now
  return {
    id: row.id,
    ...toExported(row),
    template_id: row.templateId,
    origin: row.onlyTestcase === null ? 'rule' : 'comment',
    state,
    incidents: row.incidents,
    tests: row.testcases,
    first: timeOrNull(row.first),
    last: timeOrNull(row.last),
    resolved: isOver ? timeOrNull(row.endsAt) : null,
    regressed: timeOrNull(row.reopenedAt),
    created: formatTime(row.createdAt),
    created_by: row.createdBy,
    changed: formatTime(row.changedAt),
    changed_by: row.changedBy,
  }
}

export function toExported(row: KnownIssueRow): ExportItem['known_issues'][number] {
  const { template, pattern, testcase, variant, host, component } = row
  return {
    ...{ template, pattern, testcase, variant, host, component },
    report_url: row.reportUrl,
    report_subject: row.reportSubject,
    culprit: toCulprit(row.culprit),
    comment: row.comment,
    intermittent: row.intermittent === 1,
    expires: timeOrNull(row.expires),
  }
}

// The cross joins keep the order of the incidents. Those of one moment are in the order of their jobs and names, not of rows.
const incidents = query<{ issue: number } & Slice>()((param) =>
  tables
    .selectFrom('known_issue_incident as incident')
    .crossJoin('test')
    .crossJoin('job')
    .crossJoin('testcase')
    .leftJoin('host', 'host.id', 'job.host')
    .leftJoin('branch', 'branch.id', 'job.branch')
    .select(['test.id as test', 'test.prefix', 'test.status', 'test.reported_status', 'incident.time'])
    .select(['job.number', 'job.id', 'host.name as host', 'branch.name as branch'])
    .select(['testcase.text as testcase', 'testcase.suite', 'testcase.variant'])
    .where('incident.issue', '=', param('issue'))
    .whereRef('test.id', '=', 'incident.test')
    .whereRef('job.number', '=', 'test.job')
    .whereRef('testcase.id', '=', 'test.testcase')
    .orderBy('incident.time', 'desc')
    .orderBy('job.id', 'desc')
    .orderBy('testcase.text')
    .orderBy('test.prefix')
    .limit(param('limit'))
    .offset(param('offset')),
)
const countOf = query<{ issue: number }>()((param) =>
  tables
    .selectFrom('known_issue_incident')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('issue', '=', param('issue')),
)

export async function countIncidents(connection: Connection, issue: number): Promise<number> {
  return (await connection.first(countOf, { issue }))?.count ?? 0
}

/** The failures that a known issue matches, the newest first. */
export async function listIncidents(
  connection: Connection,
  { id: issue, reopenedAt }: KnownIssueRow,
  slice: Slice,
): Promise<IncidentItem[]> {
  const found = await connection.all(incidents, { issue, ...slice })
  return found.map((row) => ({
    ...toJobItem(row),
    test: row.test,
    tag: row.prefix + row.testcase,
    ...toTestcase(row),
    host: row.host,
    branch: row.branch,
    status: testStatusName(row.status),
    ...(row.reported_status !== null && { reported_status: reportedStatusName(row.reported_status) ?? '' }),
    present: true,
    regressed: reopenedAt !== null && row.time >= reopenedAt,
  }))
}

const issuesOfTests = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('known_issue_incident')
    .select(['test', 'issue', 'time'])
    .where(inList('test', param('tests')))
    .orderBy('test')
    .orderBy('issue'),
)

/**
 * The known issues that match some failures, by the ids of the tests. Those that are open come first.
 *
 * They are those that the background has found. It may not have looked at a failure of a moment ago yet.
 */
export async function knownIssuesOf(
  connection: Connection,
  tests: readonly number[],
  now: Microseconds,
): Promise<Map<number, KnownIssueLink[]>> {
  const links = new Map<number, KnownIssueLink[]>()
  if (tests.length === 0) return links
  const found = await connection.all(issuesOfTests, { tests: toNumberList(tests) })
  const rows = await knownIssuesByIds(
    connection,
    found.map(({ issue }) => issue),
  )
  for (const { test, issue, time } of found) {
    const row = rows.get(issue)
    if (!row) continue
    const link: KnownIssueLink = {
      id: issue,
      report_url: row.reportUrl,
      report_subject: row.reportSubject,
      state: stateOf(row, now),
      regressed: row.reopenedAt !== null && time >= row.reopenedAt,
    }
    const known = links.get(test)
    if (known) known.push(link)
    else links.set(test, [link])
  }
  for (const of of links.values()) of.sort((one, other) => rankOf(one) - rankOf(other) || one.id - other.id)
  return links
}

function rankOf({ state }: KnownIssueLink): number {
  return state === 'open' || state === 'regressed' ? 0 : 1
}
