// The hosts: what fails on each, against what would be expected there, and its bad nights.

import { filterValue, paths, useQuery, withQuery } from '../address'
import type { Host, HostPage } from '../api'
import { formatCount, formatCounted, formatDate, formatShare, now } from '../format'
import { ToneIcon } from '../parts/icons'
import { IncompleteNote } from '../parts/incomplete'
import { Empty, Loaded } from '../parts/notice'
import { NoSuchPage, pageParameters, usePager } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { ChosenScope, ScopeFilters, scopeOf } from '../parts/scope-filters'
import { SortHeader } from '../parts/sort-header'
import { Time } from '../parts/time'
import { VerdictWord } from '../parts/verdict'
import { useAnalysis } from '../resource'
import { hostText } from '../strips/names'
import { useTitle } from '../title'

const PAGE_SIZE = 50

/** In days. */
const ranges: [days: string, label: string][] = [
  ['1', '24 hours'],
  ['7', '7 days'],
  ['', '14 days'],
  ['30', '30 days'],
  ['90', '90 days'],
]
const blames: [blame: string, label: string][] = [
  ['', 'All hosts'],
  ['host', 'The host is to blame'],
  ['product', 'The product is to blame'],
  ['noise', 'Little fails'],
]
const passedOn = ['days', 'blame', 'verdict', 'ordering'] as const

export function Hosts() {
  useTitle('Hosts')
  const { query, valuesOf } = useQuery()
  const pager = usePager(PAGE_SIZE)
  const parameters = pageParameters(query, PAGE_SIZE)
  for (const name of passedOn) if (query[name]) parameters.set(name, query[name])
  for (const [name, value] of scopeOf(valuesOf)) parameters.append(name, value)
  const hosts = useAnalysis<HostPage>(`/hosts/?${parameters}`)
  return (
    <>
      <div class="headline">
        <div>
          <h1>{hosts.data ? headlineOf(hosts.data) : 'Hosts'}</h1>
          {hosts.data && <p class="muted">{noteOf(hosts.data)}</p>}
          <IncompleteNote incomplete={hosts.data?.incomplete} />
        </div>
      </div>
      <div class="filters">
        <ParameterChoice parameter="days" label="Time" options={ranges} />
        <ParameterChoice parameter="blame" label="Blame" options={blames} />
        <ScopeFilters />
        <ChosenScope />
      </div>
      <section class="panel" aria-label="Hosts" data-stale={hosts.fresh ? undefined : true}>
        <Loaded resource={hosts} height="60vh" missing={<NoSuchPage />}>
          {({ results, count }) =>
            results.length > 0 ? (
              <>
                <HostTable hosts={results} ordering={query.ordering ?? ''} />
                <div class="panel-foot">{pager(count)}</div>
              </>
            ) : (
              <Empty>
                <p>
                  No host is like this. <a href={paths.hosts}>Show all</a>
                </p>
              </Empty>
            )
          }
        </Loaded>
      </section>
    </>
  )
}

function headlineOf({ count, results }: HostPage): string {
  const bad = results.filter(({ blame }) => blame === 'host')
  const hosts = formatCounted(count, 'host')
  if (bad.length === 0) return `${hosts}: none fails more than the others`
  if (bad.length > 2) return `${hosts}: ${formatCount(bad.length)} fail more than the others`
  const names = bad.map(({ host }) => hostText(host)).join(' and ')
  return `${hosts}: ${names} ${bad.length === 1 ? 'fails' : 'fail'} more than the others`
}

function noteOf({ window: { from, to, truncated }, results }: HostPage): string {
  const day = (time: string) => formatDate(time, now.value)
  const nights = results.reduce((sum, { infrastructure_jobs }) => sum + infrastructure_jobs, 0)
  const sentences = [
    `${day(from)} to ${day(to)}.`,
    ...(nights > 0 ? [`${formatCounted(nights, 'bad night')} left out of the rates.`] : []),
    ...(truncated ? ['There was more than one page considers: what is newest is here.'] : []),
  ]
  return sentences.join(' ')
}

function HostTable({ hosts, ordering }: { hosts: Host[]; ordering: string }) {
  const head = { ordering, descendingFirst: true }
  return (
    <table class="cards hosts">
      <caption class="visually-hidden">Hosts</caption>
      <thead>
        <tr>
          <SortHeader field="host" label="Host" ordering={ordering} />
          <SortHeader {...head} field="failed_rate" label="Fails" class="end" />
          <SortHeader {...head} field="expected_rate" label="Expected" class="end" />
          <th scope="col">Blame</th>
          <SortHeader {...head} field="jobs" label="Jobs" class="end" />
          <SortHeader {...head} field="infrastructure_jobs" label="Bad nights" class="end" />
          <SortHeader {...head} field="last_job" label="Last job" />
          <th scope="col">Verdict on it</th>
        </tr>
      </thead>
      <tbody>
        {hosts.map((host) => (
          <Row key={host.host} of={host} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ of }: { of: Host }) {
  const { host, jobs, failed_rate, expected_rate, last_job, verdict, infrastructure_jobs, suspected_jobs } =
    of
  const jobsHref = host === null ? undefined : withQuery(paths.jobs, { host: filterValue(host) })
  return (
    <tr>
      <th scope="row" class="wide">
        {host === null ? (
          <span class="muted">{hostText(host)}</span>
        ) : (
          <a href={withQuery(paths.matrix, { host: filterValue(host) })}>{host}</a>
        )}
      </th>
      <td class="end" data-label="Fails">
        {rateText(failed_rate)}
      </td>
      <td class="end" data-label="Expected">
        {rateText(expected_rate)}
      </td>
      <td data-label="Blame">
        <BlameWord of={of} />
      </td>
      <td class="end" data-label="Jobs">
        {jobsHref ? <a href={jobsHref}>{formatCount(jobs)}</a> : formatCount(jobs)}
      </td>
      <td class="end" data-label="Bad nights">
        <BadNights certain={infrastructure_jobs} suspected={suspected_jobs} />
      </td>
      <td data-label="Last job">
        <a href={paths.job(last_job.job)}>
          <Time time={last_job.time} />
        </a>
      </td>
      <td data-label="Verdict on it">
        {verdict === 'none' ? <span class="muted">none</span> : <VerdictWord verdict={verdict} />}
      </td>
    </tr>
  )
}

function BadNights({ certain, suspected }: { certain: number; suspected: number }) {
  if (certain + suspected === 0) return <span class="muted">none</span>
  return (
    <>
      {certain > 0 && formatCount(certain)}
      {certain > 0 && suspected > 0 && ' and '}
      {suspected > 0 && `${formatCount(suspected)}?`}
    </>
  )
}

function rateText(rate: number | null) {
  return rate === null ? <span class="muted">unknown</span> : formatShare(rate)
}

/** Only a host that is to blame has a colour. */
function BlameWord({ of: { blame, probability } }: { of: Host }) {
  if (blame === null) return <span class="muted">no other host runs its tests</span>
  if (blame === 'noise') return <span class="muted">little fails</span>
  const word = blame === 'host' ? 'The host' : 'The product'
  const isSure = (probability ?? 0) >= 0.9
  return (
    <span class={`status tone-${blame === 'host' ? (isSure ? 'fail' : 'warn') : 'plain'}`}>
      {blame === 'host' && <ToneIcon tone={isSure ? 'fail' : 'warn'} />}
      {word}
      {!isSure && ', perhaps'}
    </span>
  )
}
