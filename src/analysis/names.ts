// Names of the rows that derived data refers to by number: hosts, branches, distros, jobs.

import { formatTime, type Microseconds } from '../lib/time'
import { visible } from '../results/core/job-reference'
import { distroFields, distroRows } from '../results/environments/distros'
import { branches, hosts } from '../results/labels/hosts'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../storage/query'
import type { JobItem } from './model'

type Ids = { ids: NumberList }

const distrosByIds = query<Ids>()((param) =>
  distroRows.select(['distro.id', ...distroFields]).where(inList('distro.id', param('ids'))),
)
const jobsByNumbers = query<Ids>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'time'])
    .where(inList('number', param('ids')))
    .where(visible),
)

const templatesByIds = query<Ids>()((param) =>
  tables
    .selectFrom('template')
    .select(['id', 'text'])
    .where(inList('id', param('ids'))),
)

type Names = ReadonlyMap<number, string>
type Numbers = Iterable<number | null | undefined>

function distinct(numbers: Numbers): number[] {
  return [...new Set(numbers)].filter((number) => number != null)
}

function idsOf(numbers: Numbers): NumberList {
  return toNumberList(distinct(numbers))
}

export function hostNames(connection: Connection, numbers: Numbers): Promise<Names> {
  return hosts.namesOf(connection, distinct(numbers))
}

export function branchNames(connection: Connection, numbers: Numbers): Promise<Names> {
  return branches.namesOf(connection, distinct(numbers))
}

/** As in "fedora 43 x86_64": the release does not part series. */
export async function distroNames(connection: Connection, distros: Numbers): Promise<Names> {
  const rows = await connection.all(distrosByIds, { ids: idsOf(distros) })
  return new Map(rows.map(({ id, name, version, arch }) => [id, `${name} ${version} ${arch}`]))
}

/** The texts of templates, by their ids. */
export async function templateTexts(connection: Connection, templates: Numbers): Promise<Names> {
  const rows = await connection.all(templatesByIds, { ids: idsOf(templates) })
  return new Map(rows.map(({ id, text }) => [id, text]))
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
