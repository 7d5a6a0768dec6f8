// Where a job ran, in words: the names of its host, branch, plan and distribution.

import { distroText } from '../../results/environments/difference'
import { distros } from '../../results/environments/distros'
import { branches, hosts } from '../../results/labels/hosts'
import type { Connection } from '../../storage/query'
import type { PlacedJob } from './earlier-jobs'

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
    branch: branch === null ? null : ((await branches.nameOf(connection, branch)) ?? null),
    plan,
    distro: distroRow ? distroText({ ...distroRow, release: '' }) : null,
  }
}

export async function hostName(connection: Connection, host: number | null): Promise<string | null> {
  return host === null ? null : ((await hosts.nameOf(connection, host)) ?? null)
}
