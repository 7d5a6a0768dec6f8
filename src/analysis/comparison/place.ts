// Where a job ran, in words: the names of its host, branch, plan and distribution.

import { distroText } from '../../results/environments/difference'
import { distros } from '../../results/environments/distros'
import { type Connection, query, tables } from '../../storage/query'
import type { PlacedJob } from './earlier-jobs'

type Id = { id: number }

const hostById = query<Id>()((param) =>
  tables.selectFrom('host').select('name').where('id', '=', param('id')),
)
const branchById = query<Id>()((param) =>
  tables.selectFrom('branch').select('name').where('id', '=', param('id')),
)

/** null: unknown, or none. */
export interface Place {
  host: string | null
  branch: string | null
  plan: string | null
  /** `fedora 43 x86_64` */
  distro: string | null
}

export async function placeOf(
  connection: Connection,
  { host, branch, distro, plan }: PlacedJob,
): Promise<Place> {
  const distroRow = distro === null ? undefined : await distros.find(connection, distro)
  return {
    host: await hostName(connection, host),
    branch: branch === null ? null : ((await connection.first(branchById, { id: branch }))?.name ?? null),
    plan,
    distro: distroRow ? distroText({ ...distroRow, release: '' }) : null,
  }
}

export async function hostName(connection: Connection, host: number | null): Promise<string | null> {
  return host === null ? null : ((await connection.first(hostById, { id: host }))?.name ?? null)
}
