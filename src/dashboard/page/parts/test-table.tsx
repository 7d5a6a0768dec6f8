// The table of a job's tests, the worst first. Draws only the visible rows, so that 10,000 tests are as fast as ten.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { Job, WholeTest } from '../api'
import { formatCount } from '../format'
import { changesOf, useLastFresh } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { usePagedRows, useVisibleRows } from '../rows'
import { meaningOf, outcomes, prefixOf, statusOf } from '../statuses'
import { ToneIcon } from './icons'
import { Empty, ErrorNotice } from './notice'
import { PrintedTests } from './printed-tests'
import { SearchField } from './search-field'
import { SortHeader } from './sort-header'
import { Status } from './status'
import { Duration } from './time'

type Row = Omit<WholeTest, 'environment'>

const WORST_FIRST = 'severity'

/** The name of an outcome in the API's filter. */
const filterOf = (outcome: string) => (outcome === 'unfinished' ? 'none' : outcome)

export function TestTable({ job }: { job: Job }) {
  const { query } = useQuery()
  const { route } = useLocation()
  const ordering = query.ordering ?? WORST_FIRST
  const parameters = new URLSearchParams({ include: 'details', ordering })
  if (query.outcome) parameters.set('status', filterOf(query.outcome))
  if (query.search) parameters.set('search', query.search)
  const path = `/jobs/${job.id}/tests/?${parameters}`

  // The count decides which rows are visible and so which are loaded; the job has it before the list is loaded.
  const view = useVisibleRows(countOf(job))
  const rows = usePagedRows<Row>(path, view, changesOf(job.number))
  const shown = useLastFresh({ ordering, isFiltered: Boolean(query.outcome || query.search) }, rows.fresh)
  const count = rows.count ?? 0
  const last = Math.min(view.last, count)
  const first = Math.min(view.first, last)
  const selected = useRowNavigation({
    count,
    idOf: (index) => rows.row(index)?.id,
    open: (index) => {
      const test = rows.row(index)
      if (test) route(paths.test(job.id, test.id))
    },
    show: view.show,
  })

  return (
    <>
      <div class="panel-head">
        <OutcomeChoices job={job} />
        <SearchField parameter="search" label="Name, variant or number" />
      </div>
      {rows.error && <ErrorNotice error={rows.error} retry={() => rows.reload()} />}
      <table
        class="tests"
        aria-rowcount={count + 1}
        aria-busy={!rows.fresh || (rows.count === undefined && !rows.error)}
        data-stale={rows.fresh ? undefined : true}
      >
        <caption class="visually-hidden">Tests</caption>
        <thead>
          <tr>
            <SortHeader class="col-status" field="severity" label="Status" ordering={shown.ordering} />
            <SortHeader field="tag" label="Test" ordering={shown.ordering} />
            <SortHeader
              class="col-duration end"
              field="elapsed_time"
              label="Duration"
              ordering={shown.ordering}
              descendingFirst
            />
          </tr>
        </thead>
        <tbody ref={view.body}>
          <Spacer rows={first} height={view.rowHeight} />
          {Array.from({ length: last - first }, (_, offset) => first + offset).map((index) => (
            <TestRow
              key={index}
              job={job}
              index={index}
              test={rows.row(index)}
              isSelected={index === selected}
            />
          ))}
          <Spacer rows={count - last} height={view.rowHeight} />
        </tbody>
      </table>
      <PrintedTests path={path} />
      {rows.count === 0 && (
        <Empty>
          <p>{shown.isFiltered ? 'No test is like this.' : 'This job has no tests yet.'}</p>
        </Empty>
      )}
    </>
  )
}

function countOf({ outcomes: counts }: Job): number {
  return Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0)
}

/** Takes the space of the rows that are not visible. */
function Spacer({ rows, height }: { rows: number; height: number }) {
  return rows > 0 ? <tr class="space" style={{ height: `${rows * height}px` }} /> : null
}

function TestRow({
  job,
  index,
  test,
  isSelected,
}: {
  job: Job
  index: number
  test: Row | undefined
  isSelected: boolean
}) {
  if (!test) {
    return (
      <tr aria-rowindex={index + 2}>
        <td colSpan={3} class="muted">
          …
        </td>
      </tr>
    )
  }
  const { name, variant, tag, fail_reason, elapsed_time } = test
  return (
    <tr data-row={test.id} aria-rowindex={index + 2} aria-selected={isSelected || undefined}>
      <td>
        <Status status={statusOf(test)} />
      </td>
      <td title={tag}>
        <a class="row-link" href={paths.test(job.id, test.id)}>
          <span class="muted">{prefixOf(test)}</span>
          {name}
          {variant !== null && <span class="muted">;{variant}</span>}
        </a>
        {fail_reason !== null && <span class="reason">{fail_reason.slice(0, 300)}</span>}
      </td>
      <td class="end numbers">
        <Duration seconds={elapsed_time} />
      </td>
    </tr>
  )
}

/** The number of tests with each outcome, as links that filter by it. */
function OutcomeChoices({ job }: { job: Job }) {
  const { query, hrefWith } = useQuery()
  const choices = outcomes.filter((outcome) => (job.outcomes?.[outcome] ?? 0) > 0)
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">Outcome</legend>
      <a href={hrefWith({ outcome: undefined })} aria-current={!query.outcome}>
        All {formatCount(countOf(job))}
      </a>
      {choices.map((outcome) => {
        const { label, tone } = meaningOf(outcome)
        return (
          <a
            key={outcome}
            class={`tone-${tone}`}
            href={hrefWith({ outcome: query.outcome === outcome ? undefined : outcome })}
            aria-current={query.outcome === outcome}
          >
            <ToneIcon tone={tone} />
            {label} {formatCount(job.outcomes?.[outcome] ?? 0)}
          </a>
        )
      })}
    </fieldset>
  )
}
