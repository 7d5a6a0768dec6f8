// Why tests fail: fail reasons without what differs from run to run, with how often, where and when they came.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { Cluster, ClusterPage } from '../api'
import { formatCount, formatCounted } from '../format'
import { IncompleteNote } from '../parts/incomplete'
import { ListView } from '../parts/list-view'
import { pageParameters } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { SearchField } from '../parts/search-field'
import { SortHeader } from '../parts/sort-header'
import { Time } from '../parts/time'
import { DayBars } from '../reasons/days'
import { useAnalysis } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { hostText } from '../strips/names'
import { reasonText } from '../testcase/words'
import { useTitle } from '../title'

const PAGE_SIZE = 50
const DEFAULT_ORDER = '-last'
const orders: (readonly [value: string, label: string])[] = [
  ['', 'Newest first'],
  ['-failures', 'Most failures first'],
  ['-first', 'First seen last'],
]
const ranges: (readonly [days: string, label: string])[] = [
  ['1', '24 hours'],
  ['7', '7 days'],
  ['', '14 days'],
  ['30', '30 days'],
  ['90', '90 days'],
]
/** The parameters of the address that the API takes as they are. */
const passedOn = ['search', 'host', 'testcase', 'days', 'ordering'] as const

export function Reasons() {
  useTitle('Fail reasons')
  const { query, hrefWith } = useQuery()
  const parameters = pageParameters(query, PAGE_SIZE)
  for (const name of passedOn) if (query[name]) parameters.set(name, query[name])
  const list = useAnalysis<ClusterPage>(`/clusters/?${parameters}`)
  const isFiltered = ['search', 'host', 'testcase', 'days'].some((name) => query[name])
  const nothing = Object.fromEntries([...passedOn, 'page'].map((name) => [name, undefined]))
  return (
    <ListView
      title="Fail reasons"
      resource={list}
      pageSize={PAGE_SIZE}
      filters={
        <>
          <div class="filters">
            <SearchField parameter="search" label="Parts of the reason" />
            <SearchField parameter="host" label="Whole name of a host" />
            <ParameterChoice parameter="days" label="Time" options={ranges} />
            <span class="sort-choice">
              <ParameterChoice parameter="ordering" label="Order" options={orders} />
            </span>
          </div>
          <IncompleteNote incomplete={list.data?.incomplete} />
        </>
      }
      table={(clusters) => <Clusters clusters={clusters} />}
      empty={
        isFiltered ? (
          <p>
            No test failed so in this time. <a href={hrefWith(nothing)}>Show all</a>
          </p>
        ) : (
          <p>No test failed in the last 14 days.</p>
        )
      }
    />
  )
}

function Clusters({ clusters }: { clusters: Cluster[] }) {
  const { route } = useLocation()
  const { query } = useQuery()
  const ordering = query.ordering ?? DEFAULT_ORDER
  const row = useRowNavigation({
    count: clusters.length,
    idOf: (index) => clusters[index]?.id,
    open: (index) => {
      const cluster = clusters[index]
      if (cluster) route(paths.reason(cluster.id))
    },
  })
  return (
    <table class="cards reasons-table">
      <caption class="visually-hidden">Fail reasons</caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <SortHeader
            field="failures"
            label="Failures"
            ordering={ordering}
            descendingFirst
            class="col-failures"
          />
          <th scope="col" class="col-bars">
            By day
          </th>
          <th scope="col" class="col-hosts">
            Hosts
          </th>
          <SortHeader field="first" label="First" ordering={ordering} descendingFirst class="col-time" />
          <SortHeader field="last" label="Last" ordering={ordering} descendingFirst class="col-time" />
        </tr>
      </thead>
      <tbody>
        {clusters.map((cluster, index) => (
          <tr key={cluster.id} data-row={cluster.id} aria-selected={index === row || undefined}>
            <ClusterCells cluster={cluster} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ClusterCells({ cluster }: { cluster: Cluster }) {
  const { id, template, tests, jobs, tests_top, hosts, hosts_top, open_tests: open, sample } = cluster
  const [most] = tests_top
  const names = hosts_top.map(({ host }) => hostText(host))
  return (
    <>
      <td class="wide wrap">
        <a class="reason-text" href={paths.reason(id)}>
          {reasonText(template)}
        </a>
        <span class="sub">
          {cluster.infrastructure && <b>infrastructure · </b>}
          {open > 0 && `${formatCounted(open, 'open regression')} · `}
          {cluster.known_issue &&
            `known issue: ${cluster.known_issue.report_subject || cluster.known_issue.report_url} · `}
          {most && (
            <>
              {tests === 1 ? 'in ' : `${formatCounted(tests, 'test')}, most in `}
              <a class="muted" href={paths.testcase(most)}>
                {most.name}
              </a>
            </>
          )}
        </span>
      </td>
      <td data-label="Failures">
        {formatCount(cluster.failures)}
        <span class="sub">
          <a class="muted" href={paths.reason(id)}>
            {formatCounted(jobs, 'job')}
          </a>
        </span>
      </td>
      <td>
        <DayBars days={cluster.days} />
      </td>
      <td title={names.join(', ')}>
        {names.slice(0, 2).join(', ')}
        {hosts > 2 && <span class="muted"> and {formatCount(hosts - 2)} more</span>}
      </td>
      <td data-label="First">
        <Time time={cluster.first} />
      </td>
      <td data-label="Last">
        {sample ? (
          <a href={paths.test(sample.job, sample.test)}>
            <Time time={cluster.last} />
          </a>
        ) : (
          <Time time={cluster.last} />
        )}
      </td>
    </>
  )
}
