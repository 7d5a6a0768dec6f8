// Reads the runs of a history: the window of each test case, the newest runs of all of them.

import type { Microseconds } from '../../lib/time'
import type { ResolvedScope } from '../../results/scope/queries'
import { runsInScope } from '../../results/scope/queries'
import type { Connection } from '../../storage/query'
import type { RunContext } from '../runs/context'
import { compareRuns } from '../runs/order'
import { type Run, type Runs, readRuns } from '../runs/read'
import type { TimeRange } from '../runs/window'
import type { NamedTestcase } from './testcases'

/** The newest `limit` runs of several test cases, in their order. Also those that neither failed nor passed. */
export async function readHistory(
  connection: Connection,
  context: RunContext,
  testcases: readonly NamedTestcase[],
  range: TimeRange,
  limit: number,
): Promise<Runs> {
  const runs: Run[] = []
  let isTruncated = false
  for (const { id } of testcases) {
    const read = await readRuns(connection, context, id, range, { limit, all: true })
    for (const run of read.runs) runs.push(run)
    isTruncated ||= read.isTruncated
  }
  runs.sort(compareRuns)
  return { runs: runs.slice(-limit), isTruncated: isTruncated || runs.length > limit }
}

/** @returns the runs that a scope lets through, in their order. */
export async function inScope(
  connection: Connection,
  scope: ResolvedScope | undefined,
  runs: readonly Run[],
): Promise<readonly Run[]> {
  if (!scope) return runs
  const toScoped = ({ of, environment }: Run) => ({ job: of.number, environment })
  const fits = await runsInScope(connection, scope, runs.map(toScoped))
  return runs.filter((run) => fits(toScoped(run)))
}

/** Whether a test case has runs before a time. */
export async function hasOlderRuns(
  connection: Connection,
  context: RunContext,
  testcases: readonly NamedTestcase[],
  before: Microseconds,
): Promise<boolean> {
  const range = { from: 0, to: before - 1 }
  for (const { id } of testcases) {
    const { runs } = await readRuns(connection, context, id, range, { limit: 1, all: true })
    if (runs.length > 0) return true
  }
  return false
}

/** When the newest run started. @returns undefined when there is none */
export async function newestTime(
  connection: Connection,
  context: RunContext,
  testcases: readonly NamedTestcase[],
): Promise<Microseconds | undefined> {
  const ever = { from: 0, to: Number.MAX_SAFE_INTEGER }
  const { runs } = await readHistory(connection, context, testcases, ever, 1)
  return runs.at(-1)?.time
}
