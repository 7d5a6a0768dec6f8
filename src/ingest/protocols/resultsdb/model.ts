// The shapes of ResultsDB's API v2.0, which Avocado's resultsdb plugin speaks. A group is a job, a result is a test.

import { FieldError } from '../../../http/resource/fields'
import { formatTime, type Microseconds } from '../../../lib/time'
import { checkedLabels, type Label, readLabel } from '../../../results/labels/model'
import type { ReportedTestStatus } from '../../../results/statuses/model'
import { reportedStatusName, testStatusField, testStatusName } from '../../../results/statuses/model'
import { prefixOfFolder, splitAt } from '../../formats/test-id'
import { splitAvocadoTag, type TestReport } from '../../model'

/** The category of the test data that a result's `data` becomes. */
export const RESULTSDB_CATEGORY = 'resultsdb'
/** The category of values that are lists, stored as JSON. */
export const RESULTSDB_LIST_CATEGORY = 'resultsdb list'
/** Keys of other fields of a result or group. They begin with a blank, which keys of `data` never do. */
export const SUBMIT_TIME = ' submit_time'
export const REF_URL = ' ref_url'
const OUTCOME = ' outcome'
/** For a result of several groups: all its groups, and, in all its tests but the first, the id of the first test. */
const GROUPS = ' groups'
export const COPY_OF = ' copy of'

export const resultsdbOutcomes = ['PASSED', 'INFO', 'FAILED', 'NEEDS_INSPECTION'] as const

/** The status for an outcome, if the plugin did not send its own word as `data.status`. */
const statusOfOutcome: Record<string, string> = {
  PASSED: 'PASS',
  INFO: 'WARN',
  FAILED: 'FAIL',
  NEEDS_INSPECTION: 'ERROR',
}

/** The outcome for a status, as Avocado's plugin maps them. */
export function outcomeOf(status: number | null, reported: number | null): string {
  const word = reportedStatusName(reported) ?? testStatusName(status)
  if (word === 'PASS') return 'PASSED'
  if (word === 'FAIL') return 'FAILED'
  return ['SKIP', 'CANCEL', 'INTERRUPTED', 'WARN'].includes(word ?? '') ? 'INFO' : 'NEEDS_INSPECTION'
}

/** Changes of a group. Missing: the value stays; null: it is removed. */
export interface GroupChange {
  description?: string | null
  refUrl?: string | null
}

export interface PostedResult {
  outcome: string
  testcase: string
  note: string | null
  refUrl: string | null
  /** The ids of the jobs. */
  groups: string[]
  /** Changes of the groups, by id. */
  changes: Map<string, GroupChange>
  data: Map<string, string | string[]>
}

export function statusOfResult({ outcome, data }: PostedResult): ReportedTestStatus {
  const word = textOf(data.get('status'))
  const known = word === undefined ? null : tryStatus(word)
  return known ?? (tryStatus(statusOfOutcome[outcome] ?? 'ERROR') as ReportedTestStatus)
}

function tryStatus(word: string): ReportedTestStatus | null {
  try {
    return testStatusField.read(word, { zone: 'UTC' })
  } catch {
    return null
  }
}

/**
 * The prefix of the tag: the number, or suite and number, before the testcase in the last folder of `data.logdir`. With
 * it a later upload of the job finds the same test.
 */
export function tagPrefixOf({ data, testcase }: PostedResult): string {
  const folder = (textOf(data.get('logdir')) ?? '').replace(/\/+$/, '').split('/').at(-1) ?? ''
  return prefixOfFolder(folder, testcase) || (/^\d+-/.exec(folder)?.[0] ?? '')
}

/** The seconds in `0.06 s`, as the plugin writes durations. */
function secondsOf(text: string | undefined): number | null {
  const seconds = Number(/^([\d.]+) s$/.exec(text ?? '')?.[1])
  return Number.isFinite(seconds) ? seconds : null
}

export function toTestReport(
  result: PostedResult,
  { tag, prefix, copyOf }: { tag: string; prefix: string; copyOf?: number | undefined },
  now: Microseconds,
): TestReport {
  const data = new Map<string, string | string[]>([
    ...result.data,
    [SUBMIT_TIME, submitTime(now)],
    [OUTCOME, result.outcome],
    ...(result.groups.length < 2 ? [] : ([[GROUPS, result.groups]] as const)),
    ...(copyOf === undefined ? [] : ([[COPY_OF, String(copyOf)]] as const)),
    ...(result.refUrl === null ? [] : ([[REF_URL, result.refUrl]] as const)),
  ])
  return {
    ...(splitAt(tag, prefix) ?? splitAvocadoTag(tag)),
    status: statusOfResult(result),
    precise: result.data.has('status'),
    exactTimes: false,
    started: null, // data.time_start is only the runner's local time in whole seconds; a later upload is more accurate
    elapsed: secondsOf(textOf(result.data.get('time_elapsed'))),
    folder: null,
    failReason: result.note,
    activities: [],
    data: [...data].map(([key, value]) =>
      typeof value === 'string'
        ? { category: RESULTSDB_CATEGORY, key, value }
        : { category: RESULTSDB_LIST_CATEGORY, key, value: JSON.stringify(value) },
    ),
  }
}

const LABEL_PREFIX = 'label.'

/**
 * The labels of a job from the data of one of its results: `{"label.branch": "main"}`. The data are stored besides. What
 * is no label is left out, because the plugin would not send a refused result again.
 */
export function labelsOfResult({ data }: PostedResult): Label[] {
  const labels: Label[] = []
  for (const [key, values] of data) {
    if (!key.startsWith(LABEL_PREFIX)) continue
    for (const value of [values].flat()) {
      const label = readIfLabel(`${key.slice(LABEL_PREFIX.length)}:${value}`)
      if (label) labels.push(label)
    }
  }
  return labels
}

function readIfLabel(text: string): Label | undefined {
  try {
    return checkedLabels([readLabel(text)])[0]
  } catch (error) {
    if (error instanceof FieldError) return undefined
    throw error
  }
}

/** A time in ResultsDB's format: UTC without a zone, always with six decimals. */
function submitTime(now: Microseconds): string {
  const time = formatTime(now).slice(0, -1)
  return time.includes('.') ? time : `${time}.000000`
}

export interface ResultRow {
  id: number
  jobId: string
  testcase: string
  status: number | null
  reported: number | null
  failReason: string | null
  data: { category: string; key: string; value: string | null }[]
}

export function toResult(row: ResultRow, api: string) {
  const values = new Map(row.data.map(({ key, value }) => [key, value]))
  const shown = row.data.filter(({ key }) => !key.startsWith(' '))
  return {
    id: row.id,
    outcome: values.get(OUTCOME) ?? outcomeOf(row.status, row.reported),
    testcase: toTestcase(row.testcase, api),
    groups: groupsOf(row.jobId, values.get(GROUPS)),
    note: row.failReason,
    ref_url: values.get(REF_URL) ?? null,
    submit_time: values.get(SUBMIT_TIME) ?? null,
    data: Object.fromEntries(shown.map(({ category, key, value }) => [key, valuesOf(category, value ?? '')])),
    href: `${api}/results/${row.id}`,
  }
}

function groupsOf(jobId: string, stored: string | null | undefined): unknown[] {
  return stored ? (JSON.parse(stored) as unknown[]) : [jobId]
}

function valuesOf(category: string, value: string): unknown[] {
  return category === RESULTSDB_LIST_CATEGORY ? (JSON.parse(value) as unknown[]) : [value]
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

export function toTestcase(name: string, api: string) {
  return { name, ref_url: null, href: `${api}/testcases/${encodeURIComponent(name)}` }
}

export interface GroupRow {
  id: string
  description: string | null
  refUrl: string | null
  results: number
}

export function toGroup({ id, description, refUrl, results }: GroupRow, api: string) {
  return {
    uuid: id,
    description,
    ref_url: refUrl,
    results: `${api}/results?groups=${encodeURIComponent(id)}`,
    results_count: results,
    href: `${api}/groups/${encodeURIComponent(id)}`,
  }
}
