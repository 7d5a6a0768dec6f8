// Test environments in SQL: a distro and a set of components. Equal ones are one.
//
// One with many components is written in several steps, and taken away so. Meanwhile it is hidden: its hash begins with
// zeros, which that of no environment does.

import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { type Act, record } from '../audit/log'
import { Conflict, Invalid, NotFound, NotUnique } from '../http/errors'
import type { Direction } from '../http/ordering'
import { fromNearerEnd, type Slice } from '../http/pagination'
import { defineWrite } from '../storage/database'
import { type Connection, query, tables } from '../storage/query'
import { someRows } from '../storage/some-rows'
import { componentFields, componentIdOfMade, componentRows } from './components'
import { distroFields, distroIdOfMade, distroRows } from './distros'
import type { NewComponent, NewDistro, NewEnvironment } from './model'
import { type Id, remove, usage } from './things'

/** Hashes of hidden environments are less than this. */
const FIRST_HASH = sql<Uint8Array>`x'00000000000000000000000000000001'`
const whole = sql<boolean>`environment.hash >= ${FIRST_HASH}`
const hidden = sql<boolean>`environment.hash < ${FIRST_HASH}`

function hiddenHash(): Uint8Array {
  return Buffer.concat([Buffer.alloc(16), randomBytes(16)])
}

const pageOf = (direction: Direction) =>
  query<Slice>()((param) =>
    tables
      .selectFrom('environment')
      .select('id')
      .where(whole)
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
const distroOfEnvironment = query<Id>()((param) =>
  distroRows
    .innerJoin('environment', 'environment.distro', 'distro.id')
    .select(distroFields)
    .where('environment.id', '=', param('id'))
    .where(whole),
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
const environmentById = query<Id>()((param) =>
  tables.selectFrom('environment').select(['id', 'distro']).where('id', '=', param('id')).where(whole),
)
const hiddenById = query<Id>()((param) =>
  tables.selectFrom('environment').select(['id', 'distro']).where('id', '=', param('id')).where(hidden),
)
const environmentByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('environment').select('id').where('hash', '=', param('hash')),
)
const allHidden = query()(() => tables.selectFrom('environment').select('id').where(hidden))
const insertEnvironment = query<{ distro: number; hash: Uint8Array }>()((param) =>
  tables.insertInto('environment').values({ distro: param('distro'), hash: param('hash') }),
)
const updateEnvironment = query<{ id: number; distro: number; hash: Uint8Array }>()((param) =>
  tables
    .updateTable('environment')
    .set({ distro: param('distro'), hash: param('hash') })
    .where('id', '=', param('id')),
)
const setHash = query<{ id: number; hash: Uint8Array }>()((param) =>
  tables
    .updateTable('environment')
    .set({ hash: param('hash') })
    .where('id', '=', param('id')),
)
const insertLink = query<{ environment: number; component: number }>()((param) =>
  tables
    .insertInto('environment_component')
    .values({ environment: param('environment'), component: param('component') })
    .onConflict((conflict) => conflict.doNothing()),
)
const deleteLink = query<{ environment: number; component: number }>()((param) =>
  tables
    .deleteFrom('environment_component')
    .where('environment', '=', param('environment'))
    .where('component', '=', param('component')),
)
const deleteLinks = query<{ environment: number; limit: number }>()((param) =>
  tables
    .deleteFrom('environment_component')
    .where('environment', '=', param('environment'))
    .where('component', 'in', (where) =>
      where
        .selectFrom('environment_component')
        .select('component')
        .where('environment', '=', param('environment'))
        .limit(param('limit')),
    ),
)
const deleteEnvironment = remove('environment')
const used = usage('test.environment', 'job.environment')

/** So many components may change at once: what was there and goes, and what comes. */
const MAX_CHANGED = 1000

/** By which equal environments are one. @param components  sorted */
function hashOf(distro: number, components: readonly number[]): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([distro, components]))
    .digest()
}

function linksOf(connection: Connection, id: number): number[] {
  return connection.all(linksOfEnvironment, { id }).map(({ component }) => component)
}

function refuseUsed(connection: Connection, id: number): void {
  if (!connection.first(used, { id })?.used) return
  throw new Conflict('This test environment is in use: a record of the past is neither changed nor deleted.')
}

export const environments = {
  counted,
  find(connection: Connection, id: number): (Id & NewEnvironment) | undefined {
    const distro = connection.first(distroOfEnvironment, { id })
    if (!distro) return undefined
    connection.foresee(connection.first(someComponents, { owner: id })?.count ?? 0)
    return {
      id,
      distro,
      installed_software_components: connection.allOfAnswer(componentsOfEnvironment, { id }),
    }
  },
  list(connection: Connection, slice: Slice): object[] {
    const ids = fromNearerEnd(slice, (slice, reversed) => connection.all(reversed ? last : first, slice))
    let rows = 0
    for (const { id } of ids) {
      rows += connection.first(someComponents, { owner: id })?.count ?? 0
      connection.foresee(rows)
    }
    return ids.map(({ id }) => environments.find(connection, id) as object)
  },
}

export function environmentExists(connection: Connection, id: number): boolean {
  return connection.first(environmentById, { id }) !== undefined
}

/** The environment of exactly these things. @param components  in any order */
export function findEqualEnvironment(
  connection: Connection,
  distro: number,
  components: readonly number[],
): number | undefined {
  const sorted = [...new Set(components)].sort((a, b) => a - b)
  return connection.first(environmentByHash, { hash: hashOf(distro, sorted) })?.id
}

/** Those that are being written or deleted, or were when the server crashed. */
export function hiddenEnvironments(connection: Connection): number[] {
  return connection.all(allHidden, {}).map(({ id }) => id)
}

/** Begins an environment that nobody sees until finishEnvironment. */
export const beginEnvironment = defineWrite(
  'beginEnvironment',
  (connection, { distro }: { distro: NewDistro }) => {
    const row = { distro: distroIdOfMade(connection, distro), hash: hiddenHash() }
    return { id: connection.run(insertEnvironment, row).lastInsertRowid }
  },
)

/** Adds components to a hidden environment, made where they do not exist. */
export const addComponents = defineWrite(
  'addComponents',
  (connection, { environment, components }: { environment: number; components: NewComponent[] }) => {
    for (const component of components) {
      connection.run(insertLink, { environment, component: componentIdOfMade(connection, component) })
    }
  },
)

/**
 * Lets everybody see an environment that is whole, unless there is an equal one.
 *
 * @returns the id of the one that is to be used. Another than that which was begun: that is to be deleted.
 */
export const finishEnvironment = defineWrite('finishEnvironment', (connection, { id }: Id): Id => {
  const begun = connection.first(hiddenById, { id })
  if (!begun) throw new NotFound()
  const hash = hashOf(begun.distro, linksOf(connection, id))
  const equal = connection.first(environmentByHash, { hash })
  if (equal) return equal
  connection.run(setHash, { id, hash })
  return { id }
})

/** The same in one go: for small ones. */
export const addEnvironment = defineWrite(
  'addEnvironment',
  (connection, { distro, installed_software_components: components }: NewEnvironment): Id => {
    const { id } = beginEnvironment.run(connection, { distro })
    addComponents.run(connection, { environment: id, components })
    const finished = finishEnvironment.run(connection, { id })
    if (finished.id !== id) {
      connection.run(deleteLinks, { environment: id, limit: components.length })
      connection.run(deleteEnvironment, { id })
    }
    return finished
  },
)

/** Makes components that do not exist. @returns their ids, in this order. */
export const makeComponents = defineWrite(
  'makeComponents',
  (connection, { components }: { components: NewComponent[] }) =>
    components.map((component) => componentIdOfMade(connection, component)),
)

/**
 * Gives an environment another distro or other components; those that it has already are the same again.
 *
 * @param components  their ids; undefined: as they were.
 * @throws NotFound; Conflict when something uses it; NotUnique; Invalid when too many change at once.
 */
export const changeEnvironment = defineWrite(
  'changeEnvironment',
  (
    connection,
    {
      id,
      distro,
      components,
    }: { id: number; distro?: NewDistro | undefined; components?: number[] | undefined },
  ): void => {
    const row = connection.first(environmentById, { id })
    if (!row) throw new NotFound()
    const before = linksOf(connection, id)
    const after = components === undefined ? before : [...new Set(components)].sort((a, b) => a - b)
    const changed = { id, distro: distro ? distroIdOfMade(connection, distro) : row.distro }
    const hash = hashOf(changed.distro, after)
    const equal = connection.first(environmentByHash, { hash })
    if (equal?.id === id) return
    refuseUsed(connection, id)
    if (equal) throw new NotUnique('distro', 'installed_software_components')
    const [had, has] = [new Set(before), new Set(after)]
    const [gone, added] = [before.filter((one) => !has.has(one)), after.filter((one) => !had.has(one))]
    if (gone.length + added.length > MAX_CHANGED) {
      throw new Invalid({
        installed_software_components: `No more than ${MAX_CHANGED} components may change at once: add another test environment instead.`,
      })
    }
    connection.run(updateEnvironment, { ...changed, hash })
    for (const component of gone) connection.run(deleteLink, { environment: id, component })
    for (const component of added) connection.run(insertLink, { environment: id, component })
  },
)

/** Makes an environment invisible; deleteFromEnvironment does the rest. @throws NotFound, Conflict */
export const hideEnvironment = defineWrite(
  'hideEnvironment',
  (connection, { id, act }: { id: number; act: Act }): void => {
    if (!environmentExists(connection, id)) throw new NotFound()
    refuseUsed(connection, id)
    connection.run(setHash, { id, hash: hiddenHash() })
    record(connection, act, 'deleted', `test environment ${id}`)
  },
)

/** Takes up to `rows` components from a hidden environment; when none is left, the environment itself. */
export const deleteFromEnvironment = defineWrite(
  'deleteFromEnvironment',
  (connection, { id, rows }: { id: number; rows: number }): { gone: boolean } => {
    if (connection.run(deleteLinks, { environment: id, limit: rows }).changes > 0) return { gone: false }
    if (connection.first(hiddenById, { id })) connection.run(deleteEnvironment, { id })
    return { gone: true }
  },
)
