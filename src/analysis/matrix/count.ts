// Counts runs in rows and columns: pure arithmetic.

import type { Microseconds } from '../../lib/time'
import { compareRuns, type Placed } from '../runs/order'
import type { Outcome } from '../runs/outcome'

/** A run, as far as a matrix counts it. `R`: what is shown of the newest one. */
export interface CountedRun<R> extends Placed {
  testcase: number
  column: string
  outcome: Outcome
  shown: R
}

export interface Cell<R> {
  /** Those that passed or failed. */
  runs: number
  failures: number
  /** The newest that passed or failed; where there is none, the newest. */
  last: CountedRun<R>
}

export interface Row<R> {
  testcase: number
  runs: number
  failures: number
  cells: Map<string, Cell<R>>
}

export interface ColumnCount {
  key: string
  runs: number
  failures: number
  /** When its newest run was. */
  last: Microseconds
}

export class Matrix<R> {
  readonly rows = new Map<number, Row<R>>()
  readonly columns = new Map<string, ColumnCount>()

  add(run: CountedRun<R>): void {
    const { testcase, column: key, outcome } = run
    const row = this.rows.get(testcase) ?? { testcase, runs: 0, failures: 0, cells: new Map() }
    this.rows.set(testcase, row)
    const column = this.columns.get(key) ?? { key, runs: 0, failures: 0, last: run.time }
    this.columns.set(key, column)
    const cell = row.cells.get(key) ?? { runs: 0, failures: 0, last: run }
    row.cells.set(key, cell)
    column.last = Math.max(column.last, run.time)
    if (isNewer(run, cell.last)) cell.last = run
    for (const counted of [row, column, cell]) {
      if (outcome !== 'none') counted.runs++
      if (outcome === 'failed') counted.failures++
    }
  }
}

/** What passed or failed tells more than what did neither. */
function isNewer<R>(run: CountedRun<R>, last: CountedRun<R>): boolean {
  const [tells, told] = [run.outcome !== 'none', last.outcome !== 'none']
  return tells === told ? compareRuns(run, last) > 0 : tells
}

/** failing: somewhere the newest run failed; failed: it failed, and passes now. */
export function stateOf({
  failures,
  cells,
}: Pick<Row<unknown>, 'failures' | 'cells'>): 'failing' | 'failed' | 'passing' {
  if (failures === 0) return 'passing'
  return countFailing(cells) > 0 ? 'failing' : 'failed'
}

/** In how many columns the newest run failed. */
export function countFailing(cells: Row<unknown>['cells']): number {
  let count = 0
  for (const { last } of cells.values()) if (last.outcome === 'failed') count++
  return count
}
