// Looks up test environments. Each is a distro and a set of components. Equal environments are stored once.
//
// While an environment is being written or deleted in several steps, it is hidden: its hash starts with zeros, which a
// real hash does not. See changes.ts.

import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Direction } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { type Connection, query, tables } from '../../storage/query'
import { FEW_ROWS, type Step, withRowBudget } from '../../storage/row-budget'
import { someRows } from '../../storage/some-rows'
import { componentFields, componentRows } from './components'
import { distroFields, distroRows } from './distros'
import type { NewEnvironment } from './model'
import type { Id } from './shared-rows'

/** The hashes of hidden environments sort before this. */
const FIRST_HASH = sql<Uint8Array>`x'00000000000000000000000000000001'`
const visible = sql<boolean>`environment.hash >= ${FIRST_HASH}`
export const hidden = sql<boolean>`environment.hash < ${FIRST_HASH}`

const pageOf = (direction: Direction) =>
  query<Slice>()((param) =>
    tables
      .selectFrom('environment')
      .select('id')
      .where(visible)
      .orderBy('id', direction)
      .limit(param('limit'))
      .offset(param('offset')),
  )
const first = pageOf('asc')
const last = pageOf('desc')
const counted = query()(() =>
  tables.selectNoFrom(
    sql<number>`(SELECT count(*) FROM environment) - (SELECT count(*) FROM environment WHERE ${hidden})`.as(
      'count',
    ),
  ),
)
const distroByEnvironment = query<Id>()((param) =>
  distroRows
    .innerJoin('environment', 'environment.distro', 'distro.id')
    .select(distroFields)
    .where('environment.id', '=', param('id'))
    .where(visible),
)
const componentsOfEnvironment = query<Id>()((param) =>
  componentRows
    .innerJoin('environment_component', 'environment_component.component', 'component.id')
    .select(componentFields)
    .where('environment_component.environment', '=', param('id'))
    .orderBy('component.id'),
)
const linksOfEnvironment = query<Id>()((param) =>
  tables
    .selectFrom('environment_component')
    .select('component')
    .where('environment', '=', param('id'))
    .orderBy('component'),
)
const someComponents = someRows('environment_component', 'environment')
export const environmentById = query<Id>()((param) =>
  tables.selectFrom('environment').select(['id', 'distro']).where('id', '=', param('id')).where(visible),
)
export const environmentByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('environment').select('id').where('hash', '=', param('hash')),
)
const allHidden = query()(() => tables.selectFrom('environment').select('id').where(hidden))
/** Equal environments have the same hash. @param components  sorted */
export function hashOf(distro: number, components: readonly number[]): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([distro, components]))
    .digest()
}

export function componentIdsOf(connection: Connection, id: number): number[] {
  return connection.all(linksOfEnvironment, { id }).map(({ component }) => component)
}

export const environmentRows = {
  counted,
  find(connection: Connection, id: number): Step<Id & NewEnvironment> | undefined {
    const distro = connection.first(distroByEnvironment, { id })
    return distro && withRowBudget(countSomeComponents(connection, id), () => show(connection, id, distro))
  },
  list(connection: Connection, slice: Slice): Step<object[]> {
    const ids = fromNearerEnd(slice, (slice, reversed) => connection.all(reversed ? last : first, slice))
    let rows = 0
    for (const { id } of ids) {
      if (rows <= FEW_ROWS) rows += countSomeComponents(connection, id)
    }
    return withRowBudget(rows, () =>
      ids.flatMap(({ id }) => {
        const distro = connection.first(distroByEnvironment, { id })
        return distro ? [show(connection, id, distro)] : []
      }),
    )
  },
}

/** The distro of an environment. @returns undefined when there is no such environment */
export function distroOfEnvironment(
  connection: Connection,
  id: number,
): NewEnvironment['distro'] | undefined {
  return connection.first(distroByEnvironment, { id })
}

function show(connection: Connection, id: number, distro: NewEnvironment['distro']): Id & NewEnvironment {
  return {
    id,
    distro,
    installed_software_components: connection.allOfAnswer(componentsOfEnvironment, { id }),
  }
}

/** How many components an environment has, counted up to FEW_ROWS + 1. */
export function countSomeComponents(connection: Connection, id: number): number {
  return connection.first(someComponents, { owner: id })?.count ?? 0
}

export function environmentExists(connection: Connection, id: number): boolean {
  return connection.first(environmentById, { id }) !== undefined
}

/** The id of the environment with exactly this distro and these components. @param components  in any order */
export function findEqualEnvironment(
  connection: Connection,
  distro: number,
  components: readonly number[],
): number | undefined {
  const sorted = [...new Set(components)].sort((a, b) => a - b)
  return connection.first(environmentByHash, { hash: hashOf(distro, sorted) })?.id
}

/** The environments that are being written or deleted, or were when the server crashed. */
export function hiddenEnvironments(connection: Connection): number[] {
  return connection.all(allHidden, {}).map(({ id }) => id)
}
