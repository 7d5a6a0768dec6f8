// The columns of a matrix: which are shown, in which order, and what they are called.

import { compareTexts } from '../../lib/texts'
import { compareVersions, splitVersion } from '../../results/environments/versions'
import type { Connection } from '../../storage/query'
import { branchNames, hostNames, toJobItem } from '../names'
import type { ColumnCount, Matrix } from './count'
import { type ColumnKind, MAX_COLUMNS, type MatrixColumn } from './model'
import type { MatrixJob } from './queries'

/** Names of hosts and branches in the head of a column. */
const MAX_NAMES = 20

/** The key of what is unknown. */
const UNKNOWN = ''

export interface Columns {
  /** In the order of the columns. */
  keys: string[]
  columns: MatrixColumn[]
  leftOut: number
}

/** @param jobsOf  the numbers of the jobs of each column. */
export async function nameColumns(
  connection: Connection,
  kind: ColumnKind,
  matrix: Pick<Matrix<unknown>, 'columns'>,
  jobs: readonly MatrixJob[],
  jobsOf: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<Columns> {
  const all = [...matrix.columns.values()]
  const shown = all
    .toSorted((one, other) => other.failures - one.failures || other.runs - one.runs || other.last - one.last)
    .slice(0, MAX_COLUMNS)
  const jobOf = new Map(jobs.map((job) => [job.number, job]))
  const own = (key: string) => [...(jobsOf.get(key) ?? [])].flatMap((number) => jobOf.get(number) ?? [])
  const shownJobs = shown.flatMap(({ key }) => own(key))
  const hosts = await hostNames(
    connection,
    shownJobs.map(({ host }) => host),
  )
  const branches = await branchNames(
    connection,
    shownJobs.map(({ branch }) => branch),
  )
  const named = (names: ReadonlyMap<number, string>, ids: (number | null)[]) =>
    [...new Set(ids.flatMap((id) => (id === null ? [] : (names.get(id) ?? []))))].sort().slice(0, MAX_NAMES)
  const sorted = shown.sort(orders[kind]({ hosts, jobOf }))
  const columns = sorted.map(({ key, runs, failures }) => {
    const ofColumn = own(key)
    const job = jobOf.get(Number(key))
    return {
      ...(kind === 'host' && { host: hosts.get(Number(key)) ?? null }),
      ...(kind === 'kernel' && { kernel: key === UNKNOWN ? null : key }),
      ...(kind === 'job' && job && { job: toJobItem(job) }),
      hosts: named(
        hosts,
        ofColumn.map(({ host }) => host),
      ),
      branches: named(
        branches,
        ofColumn.map(({ branch }) => branch),
      ),
      jobs: ofColumn.length,
      runs,
      failures,
    }
  })
  return { keys: sorted.map(({ key }) => key), columns, leftOut: all.length - shown.length }
}

interface Known {
  hosts: ReadonlyMap<number, string>
  jobOf: ReadonlyMap<number, MatrixJob>
}
type Order = (one: ColumnCount, other: ColumnCount) => number

const orders: Record<ColumnKind, (known: Known) => Order> = {
  host: ({ hosts }) =>
    lastUnknown((one, other) =>
      compareTexts(hosts.get(Number(one.key)) ?? '', hosts.get(Number(other.key)) ?? ''),
    ),
  kernel: () =>
    lastUnknown((one, other) =>
      compareVersions('kernel', splitVersion('kernel', other.key), splitVersion('kernel', one.key)),
    ),
  job:
    ({ jobOf }) =>
    (one, other) =>
      (jobOf.get(Number(other.key))?.time ?? 0) - (jobOf.get(Number(one.key))?.time ?? 0) ||
      compareTexts(jobOf.get(Number(other.key))?.id ?? '', jobOf.get(Number(one.key))?.id ?? ''),
}

function lastUnknown(order: Order): Order {
  return (one, other) => Number(one.key === UNKNOWN) - Number(other.key === UNKNOWN) || order(one, other)
}
