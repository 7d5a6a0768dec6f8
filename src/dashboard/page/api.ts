// Sends requests to the server's API. The types of the answers come from the server's own schemas. Every failure is an
// error with a sentence for the reader.

import type { Static } from '@sinclair/typebox'
import type { ClusterItem, ClusterJobItem, ClusterPage, SingleCluster } from '../../analysis/clusters/model'
import type { comparisonItem, contentsItem } from '../../analysis/comparison/model'
import type { FlakyItem, FlakyPage } from '../../analysis/flaky/model'
import type { HistoryItem, HistoryRun, HistorySeries } from '../../analysis/history/model'
import type { HostItem, HostPage } from '../../analysis/infrastructure/host-model'
import type { JobVerdictItem } from '../../analysis/infrastructure/model'
import type {
  IncidentPage,
  KnownIssueItem,
  KnownIssueLink,
  KnownIssuePage,
  singleKnownIssue,
} from '../../analysis/known-issues/model'
import type { MatrixItem } from '../../analysis/matrix/model'
import type { ClaimItem, CommentItem } from '../../analysis/notes/model'
import type { RegressionItem, RegressionPage } from '../../analysis/regressions/model'
import type {
  FoundReasonItem,
  FoundRunItem,
  FoundRunPage,
  FoundTestcaseItem,
} from '../../analysis/search/model'
import type { failingItem, historyItem, statisticsItem } from '../../analysis/statistics/model'
import type { CauseItem, CauseTestItem, NightItem, TriageItem } from '../../analysis/triage/model'
import type { VerdictItem } from '../../analysis/verdict/model'
import type { entryItem } from '../../audit/model'
import type { madeTokenItem, senderItem, tokenItem, userItem } from '../../auth/model'
import type { testActivityItem } from '../../results/activities/model'
import type { testDatumItem } from '../../results/data/model'
import type { environmentItem } from '../../results/environments/model'
import type { stepsItem } from '../../results/environments/steps'
import type { fileItem } from '../../results/files/model'
import type { jobItem } from '../../results/jobs/model'
import type { valueItem } from '../../results/scope/answers'
import type { runItem } from '../../results/tests/history'
import type { testItem, wholeTestItem } from '../../results/tests/model'

export type Job = Static<typeof jobItem>
export type Outcomes = NonNullable<Job['outcomes']>
export type Test = Static<typeof testItem>
export type WholeTest = Static<typeof wholeTestItem>
/** A value of a label, and how many jobs have it. */
export type LabelValue = Static<typeof valueItem>
/** One run of a test, in one job. */
export type Run = Static<typeof runItem>
/** An activity of a test. One of a job is the same without a status. */
export type Activity = Static<typeof testActivityItem>
export type Datum = Static<typeof testDatumItem>
export type ListedFile = Static<typeof fileItem>
export type Environment = Static<typeof environmentItem>
/** What changed from one environment to another, of several pairs. */
export type EnvironmentSteps = Static<typeof stepsItem>

export type Statistics = Static<typeof statisticsItem>
export type Period = Statistics['week_before']
export type History = Static<typeof historyItem>
/** One interval of a history. */
export type Bucket = History['results'][number]
export type Failing = Static<typeof failingItem>

/** The runs of a test case, by series. */
export type TestHistory = HistoryItem
export type { HistoryRun, HistorySeries, RegressionItem, RegressionPage }

/** Tests by hosts, kernels or jobs. */
export type Matrix = MatrixItem

/** A test that fails now and then by itself. */
export type FlakyTest = FlakyItem
/** Failures with one reason. */
export type Cluster = ClusterItem
export type WholeCluster = SingleCluster
export type ClusterJob = ClusterJobItem
export type { ClusterPage, FlakyPage }

/** What other runs tell about one. */
export type Verdict = VerdictItem

/** Two jobs compared. */
export type Comparison = Static<typeof comparisonItem>
export type ComparedTest = Comparison['tests'][number]
/** A file of two jobs, line by line. */
export type ComparedFile = Static<typeof contentsItem>

/** What a search finds. */
export type FoundTestcase = FoundTestcaseItem
export type FoundReason = FoundReasonItem
export type FoundRun = FoundRunItem
export type FoundRuns = FoundRunPage

/** What fails, by cause. */
export type TriageAnswer = TriageItem
export type Cause = CauseItem
export type CauseTest = CauseTestItem
export type Night = NightItem

/** What people found out about failures, and say of them. */
export type KnownIssue = KnownIssueItem
export type WholeKnownIssue = Static<typeof singleKnownIssue>
export type { IncidentPage, KnownIssueLink, KnownIssuePage }
export type Comment = CommentItem
export type Claim = ClaimItem

/** Whether the failures of a job are the fault of the lab. */
export type JobVerdict = JobVerdictItem
/** How a host does. */
export type { HostPage }
export type Host = HostItem

/** Who is signed in, and what everybody may do without signing in. */
export type Session = Static<typeof senderItem>
export type User = Static<typeof userItem>
export type Token = Static<typeof tokenItem>
/** Contains the secret of the token, which the server sends only this once. */
export type MadeToken = Static<typeof madeTokenItem>

/** An entry of the audit log. */
export type Entry = Static<typeof entryItem>

/** One page of a list. */
export interface Page<T> {
  count: number
  next: string | null
  previous: string | null
  results: T[]
}

/** The server refused, or did not answer (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** A sentence for each field of a form that is wrong. */
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
  }
}

export const UNREACHABLE = 'The server does not answer. It is asked again as soon as the connection is back.'

/** Sent with every request, so that pages of other sites cannot make changes. */
let csrfToken = ''

export function setCsrfToken(token: string | null): void {
  csrfToken = token ?? ''
}

let notifyUnauthorized = () => {}

/** Calls `listener` when the server answers 401. */
export function onUnauthorized(listener: () => void): void {
  notifyUnauthorized = listener
}

/** Sends a request. @returns the answer, whatever its status is. @throws ApiError when there is no answer. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  // Sent even when empty: the header tells the server not to let the browser ask for a password in its own dialog.
  headers.set('x-csrf-token', csrfToken)
  try {
    const response = await fetch(path, { ...init, headers })
    if (response.status === 401) notifyUnauthorized()
    return response
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError(0, UNREACHABLE)
  }
}

/** Sends a request. @throws ApiError when there is no answer, or its status is not 2xx. */
export async function fetchOk(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await request(path, init)
  if (!response.ok) throw failureOf(response.status, await response.json().catch(() => undefined))
  return response
}

/** @throws ApiError */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetchOk(path, { headers: { accept: 'application/json' }, ...(signal && { signal }) })
  return (await response.json()) as T
}

/** Sends a change as JSON. @returns the parsed answer, undefined when it is empty. @throws ApiError */
export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetchOk(path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  })
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Gets all rows of a list, a thousand at a time. @throws ApiError */
export async function getAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const rows: T[] = []
  for (let page = 1; ; page++) {
    const separator = path.includes('?') ? '&' : '?'
    const { results, next } = await get<Page<T>>(`${path}${separator}page_size=1000&page=${page}`, signal)
    rows.push(...results)
    if (next === null) return rows
  }
}

/** @param body  the parsed body of the answer; undefined when it is not JSON. */
export function failureOf(status: number, body: unknown): ApiError {
  if (typeof body !== 'object' || body === null) return new ApiError(status, `The server answered ${status}.`)
  const { detail, ...rest } = body as Record<string, unknown>
  const fields = Object.fromEntries(
    Object.entries(rest).map(([name, sentences]) => [name, [sentences].flat().join(' ')]),
  )
  const sentence =
    typeof detail === 'string'
      ? detail
      : Object.entries(fields)
          .map(([name, text]) => (name === 'non_field_errors' ? text : `${name}: ${text}`))
          .join(' ')
  return new ApiError(status, sentence, fields)
}
