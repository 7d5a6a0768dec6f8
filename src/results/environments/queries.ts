// Looks up test environments. Each is a distro and a set of components. Equal environments are stored once.
//
// While an environment is being written or deleted in several steps, it is hidden: its hash starts with zeros, which a
// real hash does not. See changes.ts.

import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Direction } from '../../http/resource/ordering'
import { fromNearerEnd, type Slice } from '../../http/resource/pagination'
import { defineQuery } from '../../storage/database'
import { bytes, type Connection, query, tables } from '../../storage/query'
import { FEW_ROWS, type Step, withRowBudget } from '../../storage/row-budget'
import { someRows } from '../../storage/some-rows'
import { componentFields, componentRows } from './components'
import { distroFields, distroRows } from './distros'
import type { NewEnvironment } from './model'
import type { Id } from './shared-rows'

/** The hashes of hidden environments sort before this. */
const FIRST_HASH = bytes('00000000000000000000000000000001')
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

export async function componentIdsOf(connection: Connection, id: number): Promise<number[]> {
  return (await connection.all(linksOfEnvironment, { id })).map(({ component }) => component)
}

export const environmentRows = {
  counted,
  async find(connection: Connection, id: number): Promise<Step<Id & NewEnvironment> | undefined> {
    const distro = await connection.first(distroByEnvironment, { id })
    if (!distro) return undefined
    return withRowBudget(await countSomeComponents(connection, id), () => show(connection, id, distro))
  },
  async list(connection: Connection, slice: Slice): Promise<Step<object[]>> {
    const ids = await fromNearerEnd(slice, (slice, reversed) =>
      connection.all(reversed ? last : first, slice),
    )
    let rows = 0
    for (const { id } of ids) {
      if (rows <= FEW_ROWS) rows += await countSomeComponents(connection, id)
    }
    return withRowBudget(rows, async () => {
      const environments: object[] = []
      for (const { id } of ids) {
        const distro = await connection.first(distroByEnvironment, { id })
        if (distro) environments.push(await show(connection, id, distro))
      }
      return environments
    })
  },
}

/** The distro of an environment. @returns undefined when there is no such environment */
export function distroOfEnvironment(
  connection: Connection,
  id: number,
): Promise<NewEnvironment['distro'] | undefined> {
  return connection.first(distroByEnvironment, { id })
}

async function show(
  connection: Connection,
  id: number,
  distro: NewEnvironment['distro'],
): Promise<Id & NewEnvironment> {
  return {
    id,
    distro,
    installed_software_components: await connection.allOfAnswer(componentsOfEnvironment, { id }),
  }
}

/** How many components an environment has, counted up to FEW_ROWS + 1. */
export async function countSomeComponents(connection: Connection, id: number): Promise<number> {
  return (await connection.first(someComponents, { owner: id }))?.count ?? 0
}

export async function environmentExists(connection: Connection, id: number): Promise<boolean> {
  return (await connection.first(environmentById, { id })) !== undefined
}

/** The id of the environment with exactly this distro and these components. @param components  in any order */
export async function findEqualEnvironment(
  connection: Connection,
  distro: number,
  components: readonly number[],
): Promise<number | undefined> {
  const sorted = [...new Set(components)].sort((a, b) => a - b)
  return (await connection.first(environmentByHash, { hash: hashOf(distro, sorted) }))?.id
}

/** The environments that are being written or deleted, or were when the server crashed. */
export const hiddenEnvironments = defineQuery('hiddenEnvironments', async (connection) =>
  (await connection.all(allHidden, {})).map(({ id }) => id),
)
