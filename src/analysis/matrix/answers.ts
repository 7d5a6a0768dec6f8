// The query behind GET /matrix/. It reads the tests of the newest jobs, as many as it may, and counts.

import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Microseconds } from '../../lib/time'
import { countJobs } from '../../results/core/counters'
import { kernelsOf } from '../../results/environments/kernels'
import { toScope } from '../../results/scope/model'
import { resolveScope, runsInScope } from '../../results/scope/queries'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { readOutcomes } from '../runs/interruptions'
import { toWindow, windowOf } from '../runs/window'
import { hasId } from '../search/ids'
import { findTestcases } from '../search/words'
import { nameColumns } from './columns'
import { Matrix } from './count'
import { jobsToRead, MAX_JOBS, ROWS_OF_JOB } from './jobs'
import { type ColumnKind, DEFAULT_DAYS, type MatrixItem, matrixQuery, PAGE_SIZE } from './model'
import { listMatrixJobs, type MatrixJob, type MatrixRun, readMatrixRuns } from './queries'
import { type ShownRun, sortRows, toRow, toSuites } from './rows'

type Given = ReadContext & { now: Microseconds }

export const matrix = defineRequestQuery(
  'matrix',
  async (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(matrixQuery, request, context)
    const range = windowOf({ now, days: filters.days ?? DEFAULT_DAYS, until: filters.until })
    const scope = await resolveScope(connection, toScope(filters))
    const most = Math.min(MAX_JOBS, await countJobs(connection))
    return withRowBudget(ROWS_OF_JOB * most, async () => {
      const listed = await listMatrixJobs(connection, range, scope, MAX_JOBS + 1)
      const jobs = jobsToRead(listed)
      const tests = jobs.reduce((sum, { tests_total }) => sum + tests_total, 0)
      return withRowBudget(tests, async (): Promise<MatrixItem> => {
        const runs = await readMatrixRuns(connection, jobs)
        const jobOf = new Map(jobs.map((job) => [job.number, job]))
        const environmentOf = (run: MatrixRun) => run.environment ?? jobOf.get(run.job)?.environment ?? null
        const inScope = await runsInScope(
          connection,
          scope,
          runs.map((run) => ({ job: run.job, environment: environmentOf(run) })),
        )
        const named = await findTestcases(connection, {
          suite: filters.suite,
          name: filters.tests,
          variant: filters.variant,
        })
        const chosen = runs.filter(
          (run) => hasId(named, run.testcase) && inScope({ job: run.job, environment: environmentOf(run) }),
        )
        const counted = await countRuns(connection, chosen, jobOf, filters.columns ?? 'host', environmentOf)
        const rows = await sortRows(connection, counted.matrix, filters.failing === true)
        const names = await nameColumns(
          connection,
          filters.columns ?? 'host',
          counted.matrix,
          jobs,
          counted.jobsOf,
        )
        const page = await paginate(
          request,
          rows.length,
          ({ offset, limit }) => rows.slice(offset, offset + limit).map((row) => toRow(row, names.keys)),
          PAGE_SIZE,
        )
        const isTruncated = jobs.length < listed.length
        const from = isTruncated ? (jobs.at(-1)?.time ?? range.from) : range.from
        return {
          columns: names.columns,
          columns_left_out: names.leftOut,
          ...page,
          failing: rows.filter(({ state }) => state === 'failing').length,
          suites: toSuites(rows, new Set(page.results.map(({ suite }) => suite))),
          jobs: jobs.length,
          window: toWindow({ ...range, from }, { now, runs: chosen.length, truncated: isTruncated }),
          ...(await incompleteOf(connection)),
        }
      })
    })
  },
)

interface Counted {
  matrix: Matrix<ShownRun>
  /** The numbers of the jobs of each column. */
  jobsOf: Map<string, Set<number>>
}

async function countRuns(
  connection: Connection,
  runs: readonly MatrixRun[],
  jobOf: ReadonlyMap<number, MatrixJob>,
  kind: ColumnKind,
  environmentOf: (run: MatrixRun) => number | null,
): Promise<Counted> {
  const kernels =
    kind === 'kernel'
      ? await kernelsOf(
          connection,
          runs.flatMap((run) => environmentOf(run) ?? []),
        )
      : new Map<number, string>()
  const outcomeOf = await readOutcomes(connection, runs)
  const matrix = new Matrix<ShownRun>()
  const jobsOf = new Map<string, Set<number>>()
  for (const run of runs) {
    const job = jobOf.get(run.job)
    if (!job) continue
    const column =
      kind === 'host'
        ? String(job.host ?? '')
        : kind === 'job'
          ? String(job.number)
          : (kernels.get(environmentOf(run) ?? 0) ?? '')
    const { testcase, time, prefix: tag } = run
    matrix.add({ testcase, column, time, job: job.id, tag, outcome: outcomeOf(run), shown: { run, job } })
    const inColumn = jobsOf.get(column) ?? new Set()
    jobsOf.set(column, inColumn.add(job.number))
  }
  return { matrix, jobsOf }
}
