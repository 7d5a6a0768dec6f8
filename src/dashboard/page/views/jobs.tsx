// The list of jobs. The server searches, filters, sorts and pages it.

import { useQuery } from '../address'
import type { Job, Page } from '../api'
import { now } from '../format'
import { ToneIcon } from '../parts/icons'
import { JobTable } from '../parts/job-table'
import { ListView } from '../parts/list-view'
import { ParameterChoice } from '../parts/parameter-choice'
import { ChosenScope, noScope, ScopeFilters, scopeOf, scopeParameters } from '../parts/scope-filters'
import { SearchField } from '../parts/search-field'
import { anyChange, useResource } from '../resource'
import { meaningOf } from '../statuses'
import { useTitle } from '../title'

const PAGE_SIZE = 25
const NEWEST_FIRST = '-time'

const statuses = ['PASS', 'FAIL', 'ERROR', 'WARN', 'ABORT', 'NOSTATUS', 'none']
const outcomeChoices = ['FAIL', 'ERROR', 'WARN', 'TEST_NA', 'unfinished', 'not_started', 'PASS']

/** On narrow screens jobs are cards, without column headers to sort by. */
const orderings: Record<string, string> = {
  '-time': 'Newest first',
  time: 'Oldest first',
  '-failures': 'Most failures first',
  '-elapsed_time': 'Longest first',
  '-tests_total': 'Most tests first',
  description: 'By description',
  status: 'By status',
  id: 'By id',
}

/** How far back the list goes. */
const ranges: Record<string, { label: string; hours: number }> = {
  '24h': { label: 'Last 24 hours', hours: 24 },
  '7d': { label: 'Last 7 days', hours: 7 * 24 },
  '30d': { label: 'Last 30 days', hours: 30 * 24 },
  '365d': { label: 'Last year', hours: 365 * 24 },
}

export function Jobs() {
  useTitle('Jobs')
  const { query, valuesOf, hrefWith } = useQuery()
  const ordering = query.ordering ?? NEWEST_FIRST
  const jobs = useResource<Page<Job>>(`/jobs/?${parametersOf(query, scopeOf(valuesOf), ordering)}`, anyChange)
  const isFiltered = [
    ...['search', 'status', 'outcome', 'running', 'range', 'after', 'before'],
    ...scopeParameters,
  ].some((name) => query[name])
  return (
    <ListView
      title="Jobs"
      resource={jobs}
      pageSize={PAGE_SIZE}
      filters={<Filters />}
      table={(items) => <JobTable jobs={items} ordering={ordering} />}
      empty={
        isFiltered ? (
          <p>
            No job is like this. <a href={hrefWith(noFilters)}>Show all jobs</a>
          </p>
        ) : (
          <p>There is no job yet. The first page says how to push one.</p>
        )
      }
    />
  )
}

const noFilters = {
  ...noScope,
  search: undefined,
  status: undefined,
  outcome: undefined,
  running: undefined,
  range: undefined,
  after: undefined,
  before: undefined,
  page: undefined,
}

/** The query for the API that belongs to an address of this view. */
function parametersOf(
  query: Record<string, string>,
  scope: [string, string][],
  ordering: string,
): URLSearchParams {
  const parameters = new URLSearchParams({
    omit: 'activities,tests',
    include: 'outcomes',
    page_size: String(PAGE_SIZE),
    ordering,
  })
  for (const name of ['search', 'status', 'outcome', 'running', 'page']) {
    if (query[name]) parameters.set(name, query[name])
  }
  for (const [name, value] of scope) parameters.append(name, value)
  const hours = ranges[query.range ?? '']?.hours
  const after = hours === undefined ? query.after : hoursAgo(hours)
  if (after) parameters.set('time_after', after)
  if (query.before) parameters.set('time_before', query.before)
  return parameters
}

/** Rounds to the minute, so that the same request can be cached for a while. */
function hoursAgo(hours: number): string {
  const minute = Math.floor(now.peek() / 60_000)
  return new Date((minute - hours * 60) * 60_000).toISOString()
}

function Filters() {
  const { query, change, hrefWith } = useQuery()
  const chosen = new Set(query.status?.split(','))
  const withToggled = (status: string) => {
    const next = new Set(chosen)
    if (!next.delete(status)) next.add(status)
    return [...next].join(',')
  }
  return (
    <div class="filters">
      <SearchField parameter="search" label="Description, id or number" />
      <fieldset class="choices">
        <legend class="visually-hidden">Status</legend>
        {statuses.map((status) => {
          const { label, tone } = meaningOf(status)
          return (
            <a
              key={status}
              href={hrefWith({ status: withToggled(status), page: undefined })}
              aria-current={chosen.has(status)}
              class={`tone-${tone}`}
            >
              <ToneIcon tone={tone} />
              {label}
            </a>
          )
        })}
      </fieldset>
      <span class="choices">
        <a
          class="tone-running"
          href={hrefWith({ running: query.running ? undefined : 'true', page: undefined })}
          aria-current={query.running === 'true'}
        >
          <ToneIcon tone="running" />
          Running
        </a>
      </span>
      <ScopeFilters />
      <ParameterChoice
        parameter="outcome"
        label="Tests"
        options={[
          ['', 'Any tests'],
          ...outcomeChoices.map((outcome) => [outcome, `With tests: ${meaningOf(outcome).label}`] as const),
        ]}
      />
      <select
        aria-label="Time"
        value={query.after || query.before ? 'own' : (query.range ?? '')}
        onChange={(event) => {
          const range = event.currentTarget.value
          if (range !== 'own') change({ range, after: undefined, before: undefined, page: undefined })
          else change({ range: undefined, after: hoursAgo(24), page: undefined })
        }}
      >
        <option value="">Any time</option>
        {Object.entries(ranges).map(([range, { label }]) => (
          <option key={range} value={range}>
            {label}
          </option>
        ))}
        <option value="own">From … to …</option>
      </select>
      <label class="sort-choice">
        Sort
        <select
          value={query.ordering ?? NEWEST_FIRST}
          onChange={(event) => change({ ordering: event.currentTarget.value, page: undefined })}
        >
          {Object.entries(orderings).map(([ordering, label]) => (
            <option key={ordering} value={ordering}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {(query.after || query.before) && (
        <>
          <TimeField parameter="after" label="From" />
          <TimeField parameter="before" label="To" />
        </>
      )}
      <ChosenScope />
    </div>
  )
}

/** A field for a time in the reader's zone. */
function TimeField({ parameter, label }: { parameter: string; label: string }) {
  const { query, change } = useQuery()
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        value={toLocal(query[parameter])}
        onChange={({ currentTarget: { value } }) =>
          change({ [parameter]: value === '' ? undefined : new Date(value).toISOString(), page: undefined })
        }
      />
    </label>
  )
}

function toLocal(time: string | undefined): string {
  const milliseconds = Date.parse(time ?? '')
  if (Number.isNaN(milliseconds)) return ''
  const offset = new Date(milliseconds).getTimezoneOffset() * 60_000
  return new Date(milliseconds - offset).toISOString().slice(0, 16)
}
