// Names of the rows that derived data refers to by number: hosts, branches, distros, jobs.

import { sql } from 'kysely'
import { formatTime, type Microseconds } from '../lib/time'
import { visible } from '../results/core/job-reference'
import { distroFields, distroRows } from '../results/environments/distros'
import { type Connection, query, tables } from '../storage/query'
import type { JobItem } from './model'

type Ids = { ids: string }

const among = (column: string, param: (name: 'ids') => ReturnType<typeof sql<string>>) =>
  sql<boolean>`${sql.ref(column)} IN (SELECT value FROM json_each(${param('ids')}))`
const hostsByIds = query<Ids>()((param) =>
  tables.selectFrom('host').select(['id', 'name']).where(among('id', param)),
)
const branchesByIds = query<Ids>()((param) =>
  tables.selectFrom('branch').select(['id', 'name']).where(among('id', param)),
)
const distrosByIds = query<Ids>()((param) =>
  distroRows.select(['distro.id', ...distroFields]).where(among('distro.id', param)),
)
const jobsByNumbers = query<Ids>()((param) =>
  tables.selectFrom('job').select(['number', 'id', 'time']).where(among('number', param)).where(visible),
)

type Names = ReadonlyMap<number, string>
type Numbers = Iterable<number | null | undefined>

function idsOf(numbers: Numbers): string {
  return JSON.stringify([...new Set(numbers)].filter((number) => number != null))
}

export async function hostNames(connection: Connection, hosts: Numbers): Promise<Names> {
  return new Map((await connection.all(hostsByIds, { ids: idsOf(hosts) })).map(({ id, name }) => [id, name]))
}

export async function branchNames(connection: Connection, branches: Numbers): Promise<Names> {
  return new Map(
    (await connection.all(branchesByIds, { ids: idsOf(branches) })).map(({ id, name }) => [id, name]),
  )
}

/** As in "fedora 43 x86_64": the release does not part series. */
export async function distroNames(connection: Connection, distros: Numbers): Promise<Names> {
  const rows = await connection.all(distrosByIds, { ids: idsOf(distros) })
  return new Map(rows.map(({ id, name, version, arch }) => [id, `${name} ${version} ${arch}`]))
}

/** What an answer shows of jobs, by their numbers. Jobs that were deleted are not among them. */
export class JobItems {
  private constructor(private readonly items: ReadonlyMap<number, JobItem>) {}

  static async read(connection: Connection, numbers: Numbers): Promise<JobItems> {
    const rows = await connection.all(jobsByNumbers, { ids: idsOf(numbers) })
    return new JobItems(new Map(rows.map((row) => [row.number, toJobItem(row)])))
  }

  find(number: number | null | undefined): JobItem | null {
    return number == null ? null : (this.items.get(number) ?? null)
  }
}

export function toJobItem({ number, id, time }: { number: number; id: string; time: Microseconds }): JobItem {
  return { job: id, job_number: number, time: formatTime(time) }
}
