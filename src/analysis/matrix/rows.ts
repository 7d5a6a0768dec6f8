// The rows of a matrix: by suite, and in each suite what fails first.

import { compareTexts } from '../../lib/texts'
import { formatTime } from '../../lib/time'
import { reportedStatusName, testStatusName } from '../../results/statuses/model'
import type { Connection } from '../../storage/query'
import { toTestcase } from '../model'
import { type Cell, countFailing, type Matrix, type Row, stateOf } from './count'
import type { MatrixCell, MatrixItem, MatrixRow } from './model'
import { type MatrixJob, type MatrixRun, type MatrixTestcase, readTestcases } from './queries'

export interface ShownRun {
  run: MatrixRun
  job: MatrixJob
}

export interface NamedRow extends MatrixTestcase {
  row: Row<ShownRun>
  state: ReturnType<typeof stateOf>
}

const ranks = { failing: 0, failed: 1, passing: 2 }

/** @param isFailing  only those that failed. */
export async function sortRows(
  connection: Connection,
  { rows }: Matrix<ShownRun>,
  isFailing: boolean,
): Promise<NamedRow[]> {
  const chosen = isFailing ? [...rows.values()].filter(({ failures }) => failures > 0) : [...rows.values()]
  const testcases = new Map(
    (
      await readTestcases(
        connection,
        chosen.map(({ testcase }) => testcase),
      )
    ).map((row) => [row.id, row]),
  )
  const named = chosen.flatMap((row) => {
    const testcase = testcases.get(row.testcase)
    return testcase ? [{ ...testcase, row, state: stateOf(row), failing: countFailing(row.cells) }] : []
  })
  return named.sort(
    (one, other) =>
      compareTexts(one.suite, other.suite) ||
      ranks[one.state] - ranks[other.state] ||
      other.failing - one.failing ||
      other.row.failures - one.row.failures ||
      compareTexts(one.testcase, other.testcase),
  )
}

/** @param keys  of the columns. */
export function toRow(
  { row, state, flaky, id: _, ...testcase }: NamedRow,
  keys: readonly string[],
): MatrixRow {
  return {
    ...toTestcase(testcase),
    state,
    runs: row.runs,
    failures: row.failures,
    flaky: flaky === 1,
    cells: keys.map((key) => {
      const cell = row.cells.get(key)
      return cell ? toCell(cell) : null
    }),
  }
}

function toCell({ runs, failures, last }: Cell<ShownRun>): MatrixCell {
  const { run, job } = last.shown
  return {
    runs,
    failures,
    last: {
      job: job.id,
      job_number: job.number,
      time: formatTime(run.time),
      test: run.id,
      status: testStatusName(run.status),
      ...(run.reported_status !== null && { reported_status: reportedStatusName(run.reported_status) ?? '' }),
      outcome: last.outcome,
    },
  }
}

/** The numbers of some suites, in the order of the rows. */
export function toSuites(rows: readonly NamedRow[], wanted: ReadonlySet<string>): MatrixItem['suites'] {
  const suites = new Map<string, MatrixItem['suites'][number]>()
  for (const { suite, state } of rows) {
    if (!wanted.has(suite)) continue
    const counted = suites.get(suite) ?? { suite, tests: 0, failing: 0 }
    suites.set(suite, counted)
    counted.tests++
    if (state === 'failing') counted.failing++
  }
  return [...suites.values()]
}
