// What the analysis needs to know of the jobs of runs. Tests share jobs, so each is read once in a transaction.

import type { Microseconds } from '../../lib/time'
import { isCounted, visible } from '../../results/core/job-reference'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { isInfrastructure, isRecovered } from '../infrastructure/effective'
import type { NewTemplates } from './failures'

export interface RunJob {
  number: number
  id: string
  time: Microseconds
  receivedAt: Microseconds
  host: number | null
  branch: number | null
  /** The lowest id of the distros with the same name, version and architecture: the release does not part series. */
  distro: number | null
  environment: number | null
  /** Its failures are the fault of the host or the lab: what is made of runs leaves it out. */
  isInfrastructure: boolean
  /** It is infrastructure, or its many failures were gone soon: it is not the last run of anything, and no flake. */
  isRecovered: boolean
}

const jobsByNumbers = query<{ numbers: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select(['number', 'id', 'time', 'received_at as receivedAt', 'host', 'branch', 'distro', 'environment'])
    .select([isInfrastructure.as('isInfrastructure'), isRecovered.as('isRecovered')])
    .where(inList('job.number', param('numbers')))
    .where(visible)
    .where(isCounted),
)
const allDistros = query()(() =>
  tables.selectFrom('distro').select(['id', 'name', 'version', 'arch']).orderBy('id'),
)

/** What is read once for all test cases that one transaction analyses. */
export class RunContext {
  readonly newTemplates: NewTemplates = new Map()
  private readonly jobs = new Map<number, RunJob | undefined>()
  private distros: Map<number, number> | undefined

  constructor(private readonly connection: Connection) {}

  /** Reads the jobs that were not read before. */
  async load(numbers: readonly number[]): Promise<void> {
    const unknown = [...new Set(numbers)].filter((number) => !this.jobs.has(number))
    if (unknown.length === 0) return
    for (const number of unknown) this.jobs.set(number, undefined)
    this.distros ??= await this.readDistros()
    for (const row of await this.connection.all(jobsByNumbers, { numbers: toNumberList(unknown) })) {
      const distro = row.distro === null ? null : (this.distros.get(row.distro) ?? null)
      this.jobs.set(row.number, {
        ...row,
        distro,
        isInfrastructure: row.isInfrastructure === 1,
        isRecovered: row.isRecovered === 1,
      })
    }
  }

  /** @returns undefined for a job that does not count: it is hidden or deleted, or another report of a job. */
  find(number: number): RunJob | undefined {
    return this.jobs.get(number)
  }

  private async readDistros(): Promise<Map<number, number>> {
    const firsts = new Map<string, number>()
    const distros = new Map<number, number>()
    for (const { id, name, version, arch } of await this.connection.all(allDistros, {})) {
      const key = JSON.stringify([name, version, arch])
      const first = firsts.get(key) ?? id
      firsts.set(key, first)
      distros.set(id, first)
    }
    return distros
  }
}
