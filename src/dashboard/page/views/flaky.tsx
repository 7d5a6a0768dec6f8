// The flaky tests: how often each fails by itself, with how much certainty, where, why, and what that costs.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { FlakyPage, FlakyTest } from '../api'
import { IntervalBar } from '../flaky/interval'
import { oddsText } from '../flaky/words'
import { formatCount, formatCounted, formatDuration, formatShare } from '../format'
import { IncompleteNote } from '../parts/incomplete'
import { ListView } from '../parts/list-view'
import { pageParameters } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { ChosenScope, noScope, ScopeFilters, scopeOf } from '../parts/scope-filters'
import { SearchField } from '../parts/search-field'
import { SortHeader } from '../parts/sort-header'
import { Time } from '../parts/time'
import { useAnalysis } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { hostText } from '../strips/names'
import { reasonText } from '../testcase/words'
import { useTitle } from '../title'

const PAGE_SIZE = 50
const DEFAULT_ORDER = '-rate'
const orders: (readonly [value: string, label: string])[] = [
  ['', 'Highest rate first'],
  ['-cost_seconds', 'Most time lost first'],
  ['-last_flake', 'Newest flake first'],
  ['-flakes', 'Most flakes first'],
  ['testcase', 'By name'],
]
const ranges: (readonly [days: string, label: string])[] = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['', '90 days'],
]
/** The parameters of the address that the API takes as they are. */
const passedOn = ['name', 'suite', 'days', 'all', 'ordering'] as const

export function Flaky() {
  useTitle('Flaky tests')
  const { query, valuesOf, hrefWith } = useQuery()
  const parameters = pageParameters(query, PAGE_SIZE)
  for (const name of passedOn) if (query[name]) parameters.set(name, query[name])
  for (const [name, value] of scopeOf(valuesOf)) parameters.append(name, value)
  const list = useAnalysis<FlakyPage>(`/flaky/?${parameters}`)
  const isFiltered = passedOn.some((name) => query[name]) || scopeOf(valuesOf).length > 0
  return (
    <ListView
      title="Flaky tests"
      resource={list}
      pageSize={PAGE_SIZE}
      filters={
        <>
          <Filters />
          <IncompleteNote incomplete={list.data?.incomplete} />
          {list.data?.truncated && (
            <p class="muted">There were too many tests to look at all: those with the most failures were.</p>
          )}
        </>
      }
      table={(tests) => <Tests tests={tests} />}
      empty={
        isFiltered ? (
          <p>
            No test like this is flaky.{' '}
            <a
              href={hrefWith({
                ...noScope,
                name: undefined,
                suite: undefined,
                days: undefined,
                page: undefined,
              })}
            >
              Show all
            </a>
          </p>
        ) : (
          <p>No test is flaky: none failed by itself often enough in the last 90 days.</p>
        )
      }
    />
  )
}

function Filters() {
  const { query, hrefWith } = useQuery()
  return (
    <>
      <div class="filters">
        <SearchField parameter="name" label="Words of the name" />
        <ScopeFilters />
        <ParameterChoice parameter="days" label="Time" options={ranges} />
        <span class="sort-choice">
          <ParameterChoice parameter="ordering" label="Order" options={orders} />
        </span>
        <span class="choices">
          <a
            href={hrefWith({ all: query.all ? undefined : 'true', page: undefined })}
            aria-current={query.all === 'true'}
          >
            Also tests that failed once
          </a>
        </span>
      </div>
      <ChosenScope />
    </>
  )
}

const rowId = ({ suite, testcase }: FlakyTest) => `${suite} ${testcase}`

function Tests({ tests }: { tests: FlakyTest[] }) {
  const { route } = useLocation()
  const { query } = useQuery()
  const ordering = query.ordering ?? DEFAULT_ORDER
  const row = useRowNavigation({
    count: tests.length,
    idOf: (index) => tests[index] && rowId(tests[index]),
    open: (index) => {
      const test = tests[index]
      if (test) route(paths.testcase(test))
    },
  })
  const widest = Math.max(...tests.map(({ high }) => high))
  return (
    <table class="cards flaky-table">
      <caption class="visually-hidden">Flaky tests with the rates at which they fail while they work</caption>
      <thead>
        <tr>
          <SortHeader field="testcase" label="Test" ordering={ordering} />
          <SortHeader
            field="rate"
            label="Fails while it works"
            ordering={ordering}
            descendingFirst
            class="col-rate"
          />
          <SortHeader field="flakes" label="Flakes" ordering={ordering} descendingFirst class="col-flakes" />
          <SortHeader
            field="cost_seconds"
            label="Lost"
            ordering={ordering}
            descendingFirst
            class="col-cost"
          />
          <th scope="col" class="col-hosts">
            Hosts
          </th>
          <SortHeader field="last_flake" label="Last" ordering={ordering} descendingFirst class="col-time" />
        </tr>
      </thead>
      <tbody>
        {tests.map((test, index) => (
          <tr key={rowId(test)} data-row={rowId(test)} aria-selected={index === row || undefined}>
            <TestCells test={test} widest={widest} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function TestCells({ test, widest }: { test: FlakyTest; widest: number }) {
  const { name, variant, suite, hosts, streaks, templates, last_flake: last, cost_seconds: cost } = test
  const [template, ...others] = templates
  const odds = oddsText(test)
  const hostNames = hosts.map(hostText)
  return (
    <>
      <td class="wide wrap" title={suite || undefined}>
        <a href={paths.testcase(test)}>
          {name}
          {variant !== null && <span class="muted">;{variant}</span>}
        </a>
        {odds && <span class="sub flaky-odds">{odds}</span>}
        {template !== undefined && (
          <span class="sub">
            <a class="muted reason-text" href={paths.reason(test.template_ids[0] ?? 0)}>
              {reasonText(template)}
            </a>
            {others.length > 0 && ` and ${formatCounted(others.length, 'other reason')}`}
          </span>
        )}
      </td>
      <td class="grow">
        <IntervalBar rate={test.rate} low={test.low} high={test.high} widest={widest} />
        {!test.flaky && <span class="sub">not called flaky</span>}
      </td>
      <td data-label="Flakes">
        {formatCount(streaks.flakes)}
        <span class="muted"> of {formatCount(streaks.runs)}</span>
      </td>
      <td data-label="Lost">{formatDuration(cost)}</td>
      <td title={hostNames.join(', ')}>
        {hostNames.slice(0, 2).join(', ')}
        {hosts.length > 2 && <span class="muted"> and {formatCount(hosts.length - 2)} more</span>}
      </td>
      <td>
        {last ? (
          <a href={paths.test(last.job, last.test)}>
            <Time time={last.time} />
          </a>
        ) : (
          <span
            class="muted"
            title={`${formatShare(test.rate)} by the model: no pass has ended a streak yet`}
          >
            –
          </span>
        )}
      </td>
    </>
  )
}
