// Where a job ran, in words: the names of its host, branch, plan and distribution.

import type { Connection } from '../../storage/query'
import { branchNames, distroNames, hostNames } from '../names'
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
  return {
    host: (await hostNames(connection, [host])).get(host ?? 0) ?? null,
    branch: (await branchNames(connection, [branch])).get(branch ?? 0) ?? null,
    plan,
    distro: (await distroNames(connection, [distro])).get(distro ?? 0) ?? null,
  }
}
