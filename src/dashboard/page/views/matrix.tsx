// Tests by hosts, by kernels or by jobs: what fails stands out, and comes first in each suite.

import { paths, useQuery } from '../address'
import type { Matrix as MatrixAnswer } from '../api'
import { formatCount, formatCounted, formatDate, now } from '../format'
import { MatrixTable } from '../matrix/table'
import { IncompleteNote } from '../parts/incomplete'
import { Empty, Loaded } from '../parts/notice'
import { NoSuchPage, pageParameters, usePager } from '../parts/pager'
import { ParameterChoice } from '../parts/parameter-choice'
import { SearchField } from '../parts/search-field'
import { useAnalysis } from '../resource'
import { useTitle } from '../title'

const PAGE_SIZE = 100
const kinds = { host: 'By host', kernel: 'By kernel', job: 'By job' } as const
type Kind = keyof typeof kinds

/** In days. */
const ranges: [days: string, label: string][] = [
  ['1', '24 hours'],
  ['3', '3 days'],
  ['', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
]
/** The parameters of the address that the API takes as they are. */
const passedOn = ['suite', 'tests', 'host', 'branch', 'label', 'days', 'failing'] as const

export function Matrix() {
  useTitle('Tests')
  const { query, hrefWith } = useQuery()
  const pager = usePager(PAGE_SIZE)
  const kind =
    query.columns !== undefined && Object.hasOwn(kinds, query.columns) ? (query.columns as Kind) : 'host'
  const parameters = pageParameters(query, PAGE_SIZE)
  parameters.set('columns', kind)
  for (const name of passedOn) if (query[name]) parameters.set(name, query[name])
  const matrix = useAnalysis<MatrixAnswer>(`/matrix/?${parameters}`)
  const isFiltered = passedOn.some((name) => query[name])
  return (
    <>
      <div class="headline">
        <div>
          <h1>{matrix.data ? headlineOf(matrix.data, kind) : 'Tests'}</h1>
          {matrix.data && <p class="muted">{noteOf(matrix.data)}</p>}
          <IncompleteNote incomplete={matrix.data?.incomplete} />
        </div>
        <nav class="choices" aria-label="Columns">
          {Object.entries(kinds).map(([name, label]) => (
            <a
              key={name}
              href={hrefWith({ columns: name === 'host' ? undefined : name, page: undefined })}
              aria-current={name === kind}
            >
              {label}
            </a>
          ))}
        </nav>
      </div>
      <Filters />
      <section class="panel" aria-label="Tests" data-stale={matrix.fresh ? undefined : true}>
        <Loaded resource={matrix} height="70vh" missing={<NoSuchPage />}>
          {(data) =>
            data.results.length > 0 ? (
              <>
                <MatrixTable matrix={data} />
                <div class="panel-foot matrix-foot">
                  <Legend />
                  {pager(data.count)}
                </div>
              </>
            ) : (
              <Empty>
                {isFiltered ? (
                  <p>
                    No test of these jobs is like this. <a href={paths.matrix}>Show all</a>
                  </p>
                ) : (
                  <p>No job ran in the last 7 days.</p>
                )}
              </Empty>
            )
          }
        </Loaded>
      </section>
    </>
  )
}

function headlineOf({ count, columns, columns_left_out, failing }: MatrixAnswer, kind: Kind): string {
  const places = columns.length + columns_left_out
  const tests = formatCounted(count, 'test')
  const on = `${kind === 'job' ? 'in' : 'on'} ${formatCounted(places, kind)}`
  if (failing === 0) return `${tests} ${on}: none fails`
  return `${tests} ${on}: ${formatCount(failing)} ${failing === 1 ? 'fails' : 'fail'} somewhere`
}

function noteOf({ jobs, window: { from, to, truncated }, columns_left_out }: MatrixAnswer): string {
  const day = (time: string) => formatDate(time, now.value)
  const sentences = [
    `${formatCounted(jobs, 'job')}, ${day(from)} to ${day(to)}.`,
    truncated && 'There are more jobs in this time: the newest that have 100,000 tests together are counted.',
    'A number is failures of runs, the sign the newest run.',
    columns_left_out > 0 &&
      `${formatCount(columns_left_out)} more columns, with fewer failures, are not shown.`,
  ]
  return sentences.filter((sentence) => sentence).join(' ')
}

function Filters() {
  const { query, hrefWith } = useQuery()
  return (
    <div class="filters">
      <SearchField parameter="tests" label="Words of the name" />
      <SearchField parameter="suite" label="Words of the suite" />
      <SearchField parameter="label" label="Label, as key:value" />
      <ParameterChoice parameter="days" label="Time" options={ranges} />
      <span class="choices">
        <a
          href={hrefWith({ failing: query.failing ? undefined : 'true', page: undefined })}
          aria-current={query.failing === 'true'}
        >
          Only failures
        </a>
      </span>
    </div>
  )
}

const signs = {
  pass: 'pass',
  fail: 'fail',
  error: 'error',
  past: 'failed before',
  none: 'skipped or not ended',
}

function Legend() {
  return (
    <div class="legend">
      {Object.entries(signs).map(([sign, text]) => (
        <span key={sign}>
          <i class={`cell cell-${sign}`} aria-hidden="true" />
          {text}
        </span>
      ))}
    </div>
  )
}
