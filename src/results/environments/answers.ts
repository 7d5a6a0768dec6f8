// What tests ran on, as it is answered.

import type { Slice } from '../../http/resource/pagination'
import type { Connection, Query } from '../../storage/query'
import type { Planned } from '../../storage/row-budget'
import { type CrudQueries, defineCrudQueries } from '../core/crud-queries'
import { components } from './components'
import { distros } from './distros'
import { arches, kinds } from './names'
import { environmentExists, environments } from './queries'

interface Reads {
  counted: Query<Record<never, never>, { count: number }>
  find(connection: Connection, id: number): Planned<object> | undefined
  list(connection: Connection, slice: Slice): Planned<object[]>
}

/** Nothing: these belong to no other thing. */
export type NoOwner = Record<never, never>

/** To count a hundred rows is to look at a page of an index. */
const COUNTED_AT_ONCE = 100

function readSharedRows(
  name: string,
  { counted, find, list }: Reads,
  isWalkedFromBothEnds: boolean,
): CrudQueries<NoOwner> {
  const count = (connection: Connection) => connection.first(counted, {})?.count ?? 0
  return defineCrudQueries<NoOwner>(name, {
    owner: () => ({}),
    rowsToCount: (connection) => count(connection) / COUNTED_AT_ONCE,
    count,
    list: (connection, _, slice) => list(connection, slice),
    isWalkedFromBothEnds,
    find: (connection, _, id) => find(connection, id),
  })
}

export const readKinds = readSharedRows('kind', kinds, false)
export const readArches = readSharedRows('arch', arches, false)
export const readComponents = readSharedRows('component', components, true)
export const readDistros = readSharedRows('distro', distros, false)
export const readEnvironments: CrudQueries<NoOwner> = {
  ...readSharedRows('environment', environments, true),
  exists: (connection, _, id) => environmentExists(connection, id),
}
