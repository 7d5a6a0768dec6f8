// The table of a matrix. Passes are faint, so that the eye goes to the rest.

import { paths } from '../address'
import type { Matrix } from '../api'
import { formatCount, formatCounted, formatDate, now } from '../format'
import { meaningOf, statusOf } from '../statuses'
import { hostText } from '../strips/names'

type Column = Matrix['columns'][number]
type Row = Matrix['results'][number]
type Cell = NonNullable<Row['cells'][number]>

/** Hosts or branches that the head of a column names. */
const MAX_NAMES = 2

export function MatrixTable({ matrix: { columns, results, suites } }: { matrix: Matrix }) {
  const bySuite = Map.groupBy(results, ({ suite }) => suite)
  return (
    <div class="matrix-scroll">
      <table class="matrix">
        <caption class="visually-hidden">Tests, and how they did in each column</caption>
        <thead>
          <tr>
            <th scope="col">Test</th>
            {columns.map((column) => (
              <Head key={nameOf(column)} column={column} />
            ))}
          </tr>
        </thead>
        {[...bySuite].map(([suite, rows]) => {
          const counts = suites.find((one) => one.suite === suite)
          return (
            <tbody key={suite}>
              {counts && (
                <tr class="group-row">
                  <th scope="rowgroup" colSpan={columns.length + 1}>
                    <span>
                      {suite || 'Without a suite'} · {formatCounted(counts.tests, 'test')},{' '}
                      {formatCount(counts.failing)} failing
                    </span>
                  </th>
                </tr>
              )}
              {rows.map((row) => (
                <MatrixRow key={row.testcase} row={row} columns={columns} />
              ))}
            </tbody>
          )
        })}
      </table>
    </div>
  )
}

function nameOf({ host, kernel, job }: Column): string {
  if (job) return `job ${job.job_number}`
  if (kernel !== undefined) return kernel ?? 'unknown kernel'
  return hostText(host)
}

function Head({ column }: { column: Column }) {
  const { hosts, branches, job, host } = column
  const below = host === undefined ? hosts : branches
  const names = below.slice(0, MAX_NAMES).join(', ') + (below.length > MAX_NAMES ? ' …' : '')
  const name = nameOf(column)
  return (
    <th scope="col" title={[name, ...below].join(', ')}>
      {job ? <a href={paths.job(job.job)}>{name}</a> : <b>{name}</b>}
      {names && <span class="sub">{names}</span>}
    </th>
  )
}

function MatrixRow({ row, columns }: { row: Row; columns: Column[] }) {
  const { name, variant, suite, cells } = row
  return (
    <tr>
      <th scope="row" title={row.testcase}>
        <a href={paths.testcase({ suite, name, variant })}>
          {name}
          {variant !== null && <span class="muted">;{variant}</span>}
        </a>
      </th>
      {cells.map((cell, index) => {
        const column = columns[index]
        const where = column ? nameOf(column) : ''
        return (
          <td key={where}>
            {cell ? (
              <CellLink cell={cell} flaky={row.flaky} where={where} />
            ) : (
              <span class="cell-gap" title="no run">
                –
              </span>
            )}
          </td>
        )
      })}
    </tr>
  )
}

/** The class of a cell: by its newest run, or that it failed before. */
function signOf({ failures, last }: Cell): string {
  if (last.outcome === 'failed') return meaningOf(statusOf(last)).tone === 'error' ? 'error' : 'fail'
  if (failures > 0) return 'past'
  return last.outcome === 'passed' ? 'pass' : 'none'
}

function CellLink({ cell, flaky, where }: { cell: Cell; flaky: boolean; where: string }) {
  const { runs, failures, last } = cell
  const label = meaningOf(statusOf(last)).label
  const text = `${where}: ${label}, ${failures}/${runs} failed${flaky ? ', a flaky test' : ''}; ${formatDate(last.time, now.value)}`
  return (
    <a
      class={`cell cell-${signOf(cell)}`}
      href={paths.test(last.job, last.test)}
      aria-label={text}
      title={text}
    >
      {failures > 0 && (
        <span class="ratio">
          {failures}/{runs}
        </span>
      )}
    </a>
  )
}
