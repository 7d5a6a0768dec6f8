// The query behind GET /hosts/. It reads the tests of the newest jobs, as many as it may, and counts.

import { sql } from 'kysely'
import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import { countJobs } from '../../results/core/counters'
import { toScope } from '../../results/scope/model'
import { resolveScope } from '../../results/scope/queries'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { jobsToRead, MAX_JOBS, ROWS_OF_JOB } from '../matrix/jobs'
import { listMatrixJobs, type MatrixJob, readMatrixRuns } from '../matrix/queries'
import { hostNames, toJobItem } from '../names'
import { readOutcomes } from '../runs/interruptions'
import { toWindow, windowOf } from '../runs/window'
import { verdictOfJob } from './effective'
import {
  DEFAULT_DAYS,
  type HostItem,
  type HostPage,
  hostOrderings,
  hostsQuery,
  PAGE_SIZE,
} from './host-model'
import { HostCounts } from './hosts'
import type { Verdict } from './judge'

type Given = ReadContext & { now: Microseconds }

const verdictsOf = query<{ numbers: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', verdictOfJob.as('verdict')])
    .where(inList('number', param('numbers')))
    .where(sql<boolean>`${verdictOfJob} IS NOT NULL`),
)

export const listHosts = defineRequestQuery(
  'listHosts',
  async (connection, request, { now, ...context }: Given) => {
    const filters = readQuery(hostsQuery, request, context)
    const range = windowOf({ now, days: filters.days ?? DEFAULT_DAYS, until: filters.until })
    const scope = await resolveScope(connection, toScope(filters))
    const most = Math.min(MAX_JOBS, await countJobs(connection))
    return withRowBudget(ROWS_OF_JOB * most, async () => {
      const listed = await listMatrixJobs(connection, range, scope, MAX_JOBS + 1)
      const jobs = jobsToRead(listed)
      const tests = jobs.reduce((sum, { tests_total }) => sum + tests_total, 0)
      return withRowBudget(tests, async (): Promise<HostPage> => {
        const hosts = await describeHosts(connection, jobs, filters.include !== undefined)
        const shown = hosts.filter(
          ({ blame, verdict }) =>
            (!filters.blame || filters.blame === blame) && (!filters.verdict || filters.verdict === verdict),
        )
        const ordering = orderingOf(request, hostOrderings, [])
        const [first] = ordering
        if (first) shown.sort((one, other) => compare(one, other, first))
        const page = await paginate(
          request,
          shown.length,
          ({ offset, limit }) => shown.slice(offset, offset + limit),
          PAGE_SIZE,
        )
        const isTruncated = jobs.length < listed.length
        const from = isTruncated ? (jobs.at(-1)?.time ?? range.from) : range.from
        return {
          ...page,
          window: toWindow({ ...range, from }, { now, runs: tests, truncated: isTruncated }),
          ...(await incompleteOf(connection)),
        }
      })
    })
  },
)

/** Those that are to blame first, then those that fail most. */
async function describeHosts(
  connection: Connection,
  jobs: readonly MatrixJob[],
  includesInfrastructure: boolean,
): Promise<HostItem[]> {
  const numbers = toNumberList(jobs.map(({ number }) => number))
  const verdicts = new Map(
    (await connection.all(verdictsOf, { numbers })).map(({ number, verdict }) => [
      number,
      verdict as Verdict,
    ]),
  )
  const isLeftOut = ({ number }: MatrixJob) =>
    !includesInfrastructure && verdicts.get(number) === 'infrastructure'
  const counted = jobs.filter((job) => !isLeftOut(job))
  const counts = await countRuns(connection, counted)
  const byHost = new Map(counts.numbers().map((one) => [one.host, one]))
  const names = await hostNames(
    connection,
    jobs.map(({ host }) => host),
  )
  const items = [...Map.groupBy(jobs, ({ host }) => host ?? 0)].map(([host, ofHost]): HostItem => {
    const [last] = ofHost as [MatrixJob, ...MatrixJob[]]
    const {
      failed_rate = null,
      expected_rate = null,
      blame = null,
      probability = null,
    } = byHost.get(host) ?? {}
    const count = (verdict: Verdict) => ofHost.filter(({ number }) => verdicts.get(number) === verdict).length
    return {
      host: names.get(host) ?? null,
      jobs: ofHost.length,
      ...{ failed_rate, expected_rate, blame, probability },
      verdict: verdicts.get(last.number) ?? 'none',
      last_job: toJobItem(last),
      infrastructure_jobs: count('infrastructure'),
      suspected_jobs: count('suspected'),
    }
  })
  return items.sort(
    (one, other) =>
      rankOf(one) - rankOf(other) ||
      (other.failed_rate ?? -1) - (one.failed_rate ?? -1) ||
      compareTexts(one.host ?? '~', other.host ?? '~'),
  )
}

function rankOf({ blame, verdict }: HostItem): number {
  return blame === 'host' ? 0 : verdict === 'suspected' ? 1 : 2
}

async function countRuns(connection: Connection, jobs: readonly MatrixJob[]): Promise<HostCounts> {
  const runs = await readMatrixRuns(connection, jobs)
  const outcomeOf = await readOutcomes(connection, runs)
  const hostOf = new Map(jobs.map(({ number, host }) => [number, host ?? 0]))
  const counts = new HostCounts()
  for (const run of runs) {
    const outcome = outcomeOf(run)
    if (outcome === 'none') continue
    const { testcase, job } = run
    counts.add({ testcase, job, host: hostOf.get(job) ?? 0, failed: outcome === 'failed' })
  }
  return counts
}

type Ordered = { field: (typeof hostOrderings)[number]; direction: 'asc' | 'desc' }

/** What is unknown comes last. */
function compare(one: HostItem, other: HostItem, { field, direction }: Ordered): number {
  const sign = direction === 'asc' ? 1 : -1
  const value = (item: HostItem) => (field === 'last_job' ? item.last_job.time : item[field])
  const [a, b] = [value(one), value(other)]
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return sign * (typeof a === 'string' ? compareTexts(a, String(b)) : a - Number(b))
}
