// The queries behind the GET routes of environments, distros, components, kinds and architectures.

import type { Slice } from '../../http/resource/pagination'
import type { Connection, Query } from '../../storage/query'
import type { Planned } from '../../storage/row-budget'
import { type CrudQueries, defineCrudQueries } from '../core/crud-queries'
import { components } from './components'
import { distros } from './distros'
import { arches, kinds } from './kinds-and-arches'
import { environmentExists, environmentRows } from './queries'

interface Reads {
  counted: Query<Record<never, never>, { count: number }>
  find(connection: Connection, id: number): Promise<Planned<object> | undefined>
  list(connection: Connection, slice: Slice): Promise<Planned<object[]>>
}

/** The owner of resources that are not below a job or test. */
export type NoOwner = Record<never, never>

/** About so many rows fit into one page of an index, so counting them costs as much as reading one row. */
const ROWS_PER_PAGE = 100

function readSharedRows(
  name: string,
  { counted, find, list }: Reads,
  isWalkedFromBothEnds: boolean,
  exists?: (connection: Connection, id: number) => Promise<boolean>,
): CrudQueries<NoOwner> {
  const count = async (connection: Connection) => (await connection.first(counted, {}))?.count ?? 0
  return defineCrudQueries<NoOwner>(name, {
    owner: async () => ({}),
    ownerToChange: async () => ({}),
    rowsToCount: async (connection) => (await count(connection)) / ROWS_PER_PAGE,
    count,
    list: (connection, _, slice) => list(connection, slice),
    isWalkedFromBothEnds,
    find: (connection, _, id) => find(connection, id),
    ...(exists && { exists: (connection, _, id) => exists(connection, id) }),
  })
}

export const readKinds = readSharedRows('kind', kinds, false)
export const readArches = readSharedRows('arch', arches, false)
export const readComponents = readSharedRows('component', components, true)
export const readDistros = readSharedRows('distro', distros, false)
export const readEnvironments = readSharedRows('environment', environmentRows, true, environmentExists)
