// The audit log: sign-ins, changes to users and tokens, deletions.

import { useLocation } from 'preact-iso'
import { actionNames, meaningOfAction } from '../actions'
import { useQuery } from '../address'
import type { Entry, Page } from '../api'
import { formatCount, now } from '../format'
import { AdministratorsOnly } from '../parts/administrators'
import { ToneIcon } from '../parts/icons'
import { ListView } from '../parts/list-view'
import { ParameterChoice } from '../parts/parameter-choice'
import { SearchField } from '../parts/search-field'
import { Time } from '../parts/time'
import { useResource } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { useTitle } from '../title'

const PAGE_SIZE = 50

/** How far back the list goes. */
const ranges: Record<string, { label: string; hours: number }> = {
  '24h': { label: 'Last 24 hours', hours: 24 },
  '7d': { label: 'Last 7 days', hours: 7 * 24 },
  '30d': { label: 'Last 30 days', hours: 30 * 24 },
}

const noFilters = {
  user: undefined,
  action: undefined,
  address: undefined,
  range: undefined,
  page: undefined,
}

export function Audit() {
  useTitle('Audit log')
  return (
    <AdministratorsOnly subject="The audit log is">
      <Log />
    </AdministratorsOnly>
  )
}

function Log() {
  const { query, hrefWith } = useQuery()
  const log = useResource<Page<Entry>>(`/audit/?${parametersOf(query)}`)
  const isFiltered = ['user', 'action', 'address', 'range'].some((name) => query[name])
  return (
    <ListView
      title="Audit log"
      resource={log}
      pageSize={PAGE_SIZE}
      filters={<Filters />}
      table={(entries) => <EntryTable entries={entries} />}
      empty={
        <p>
          {isFiltered ? 'Nothing like this has happened. ' : 'Nothing has happened yet.'}
          {isFiltered && <a href={hrefWith(noFilters)}>Show all</a>}
        </p>
      }
    />
  )
}

/** The query for the API that belongs to an address of this view. */
function parametersOf(query: Record<string, string>): URLSearchParams {
  const parameters = new URLSearchParams({ page_size: String(PAGE_SIZE) })
  for (const name of ['user', 'action', 'address', 'page']) {
    if (query[name]) parameters.set(name, query[name])
  }
  const hours = ranges[query.range ?? '']?.hours
  if (hours !== undefined) {
    // Rounded to the minute, so that the same request can be cached for a while.
    const minute = Math.floor(now.peek() / 60_000)
    parameters.set('time_after', new Date((minute - hours * 60) * 60_000).toISOString())
  }
  return parameters
}

function Filters() {
  const { query, hrefWith } = useQuery()
  return (
    <div class="filters">
      <SearchField parameter="user" label="Whole name of a user" />
      <ParameterChoice
        parameter="action"
        label="Action"
        options={[
          ['', 'Any action'],
          ...actionNames.map((name) => [name, meaningOfAction(name).label] as const),
        ]}
      />
      <ParameterChoice
        parameter="range"
        label="Time"
        options={[
          ['', 'Any time'],
          ...Object.entries(ranges).map(([range, { label }]) => [range, label] as const),
        ]}
      />
      {query.address && (
        <span class="choices">
          <a href={hrefWith({ address: undefined, page: undefined })} aria-current="true">
            From {query.address} ✕
          </a>
        </span>
      )}
    </div>
  )
}

function EntryTable({ entries }: { entries: Entry[] }) {
  const { route } = useLocation()
  const { hrefWith } = useQuery()
  const hrefOf = ({ name }: Entry) => hrefWith({ user: name, page: undefined })
  const row = useRowNavigation({
    count: entries.length,
    idOf: (index) => entries[index]?.id,
    open: (index) => {
      const entry = entries[index]
      if (entry) route(hrefOf(entry))
    },
  })
  return (
    <table class="cards">
      <thead>
        <tr>
          <th class="col-time">When</th>
          <th class="col-who">Who</th>
          <th class="col-action">Action</th>
          <th>What</th>
          <th class="col-address">From</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <tr key={entry.id} data-row={entry.id} aria-selected={index === row || undefined}>
            <td>
              <Time time={entry.time} />
            </td>
            <td title={entry.name}>
              {entry.name === '-' ? (
                <span class="muted">nobody</span>
              ) : (
                <a href={hrefOf(entry)}>{entry.name}</a>
              )}
            </td>
            <td>
              <Action name={entry.action} />
            </td>
            <td class="wide" title={whatOf(entry)}>
              {entry.object} <span class="muted">{entry.detail}</span>
              {entry.times > 1 && (
                <span class="muted">
                  {' '}
                  {formatCount(entry.times)} times, the last <Time time={entry.until} />
                </span>
              )}
            </td>
            <td>
              {entry.address !== '-' && (
                <a href={hrefWith({ address: entry.address, page: undefined })}>{entry.address}</a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Action({ name }: { name: string }) {
  const { label, tone } = meaningOfAction(name)
  return (
    <span class={`status tone-${tone}`}>
      <ToneIcon tone={tone} />
      {label}
    </span>
  )
}

function whatOf({ object, detail }: Entry): string {
  return detail === '' ? object : `${object}: ${detail}`
}
