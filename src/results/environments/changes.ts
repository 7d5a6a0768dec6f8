// The writes of test environments. An environment with many components is written or deleted in several steps, and is
// hidden meanwhile.

import { randomBytes } from 'node:crypto'
import { type Actor, record } from '../../audit/log'
import { mapInTurn } from '../../lib/cooperative'
import { Invalid, NotFound, NotUnique } from '../../lib/errors'
import { defineWrite } from '../../storage/database'
import { query, tables } from '../../storage/query'
import { findOrAddComponent } from './components'
import { findOrAddDistro } from './distros'
import type { NewComponent, NewDistro, NewEnvironment } from './model'
import {
  componentIdsOf,
  environmentByHash,
  environmentById,
  environmentExists,
  hashOf,
  hidden,
} from './queries'
import { type Id, remove, requireUnused, usage } from './shared-rows'

const NOUN = 'test environment'
/** How many components one change may add and remove together. */
const MAX_CHANGED = 1000

const hiddenById = query<Id>()((param) =>
  tables.selectFrom('environment').select(['id', 'distro']).where('id', '=', param('id')).where(hidden),
)
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

function hiddenHash(): Uint8Array {
  return Buffer.concat([Buffer.alloc(16), randomBytes(16)])
}

/** Adds an environment that is hidden until revealEnvironment(). */
export const addHiddenEnvironment = defineWrite(
  'addHiddenEnvironment',
  async (connection, { distro }: { distro: NewDistro }) => {
    const row = { distro: await findOrAddDistro(connection, distro), hash: hiddenHash() }
    return { id: await connection.insert(insertEnvironment, row) }
  },
)

/** Adds components to a hidden environment. New components get rows. */
export const addComponents = defineWrite(
  'addComponents',
  async (connection, { environment, components }: { environment: number; components: NewComponent[] }) => {
    for (const component of components) {
      await connection.run(insertLink, {
        environment,
        component: await findOrAddComponent(connection, component),
      })
    }
  },
)

/**
 * Makes a complete environment visible, unless an equal one exists.
 *
 * @returns the id of the environment to use. If it is the equal one's, the caller deletes the hidden one.
 */
export const revealEnvironment = defineWrite(
  'revealEnvironment',
  async (connection, { id }: Id): Promise<Id> => {
    const row = await connection.first(hiddenById, { id })
    if (!row) throw new NotFound()
    const hash = hashOf(row.distro, await componentIdsOf(connection, id))
    const equal = await connection.first(environmentByHash, { hash })
    if (equal) return equal
    await connection.run(setHash, { id, hash })
    connection.markChanged('environment', id)
    return { id }
  },
)

/** Adds a small environment in one transaction, or finds an equal one. */
export const addEnvironment = defineWrite(
  'addEnvironment',
  async (connection, { distro, installed_software_components: components }: NewEnvironment): Promise<Id> => {
    const { id } = await addHiddenEnvironment.run(connection, { distro })
    await addComponents.run(connection, { environment: id, components })
    const finished = await revealEnvironment.run(connection, { id })
    if (finished.id !== id) {
      await connection.run(deleteLinks, { environment: id, limit: components.length })
      await connection.run(deleteEnvironment, { id })
    }
    return finished
  },
)

/** Finds components or adds them. @returns their ids, in the same order. */
export const findOrAddComponents = defineWrite(
  'findOrAddComponents',
  (connection, { components }: { components: NewComponent[] }) =>
    mapInTurn(components, (component) => findOrAddComponent(connection, component)),
)

/**
 * Gives an environment another distro or other components. A change that makes no difference does nothing.
 *
 * @param components  their ids; undefined: unchanged.
 * @throws NotFound; Conflict when something uses the environment; NotUnique; Invalid when too many components change.
 */
export const changeEnvironment = defineWrite(
  'changeEnvironment',
  async (
    connection,
    {
      id,
      distro,
      components,
    }: { id: number; distro?: NewDistro | undefined; components?: number[] | undefined },
  ): Promise<void> => {
    const row = await connection.first(environmentById, { id })
    if (!row) throw new NotFound()
    const before = await componentIdsOf(connection, id)
    const after = components === undefined ? before : [...new Set(components)].sort((a, b) => a - b)
    const changed = { id, distro: distro ? await findOrAddDistro(connection, distro) : row.distro }
    const hash = hashOf(changed.distro, after)
    const equal = await connection.first(environmentByHash, { hash })
    if (equal?.id === id) return
    await requireUnused(connection, used, id, NOUN)
    if (equal) throw new NotUnique('distro', 'installed_software_components')
    const [beforeIds, afterIds] = [new Set(before), new Set(after)]
    const removed = before.filter((id) => !afterIds.has(id))
    const added = after.filter((id) => !beforeIds.has(id))
    if (removed.length + added.length > MAX_CHANGED) {
      throw new Invalid({
        installed_software_components: `No more than ${MAX_CHANGED} components may change at once: add another test environment instead.`,
      })
    }
    await connection.run(updateEnvironment, { ...changed, hash })
    connection.markChanged('environment', id)
    for (const component of removed) await connection.run(deleteLink, { environment: id, component })
    for (const component of added) await connection.run(insertLink, { environment: id, component })
  },
)

/** Hides an environment. deleteEnvironmentRows() then deletes it. @throws NotFound, Conflict */
export const hideEnvironment = defineWrite(
  'hideEnvironment',
  async (connection, { id, actor }: { id: number; actor: Actor }): Promise<void> => {
    if (!(await environmentExists(connection, id))) throw new NotFound()
    await requireUnused(connection, used, id, NOUN)
    await connection.run(setHash, { id, hash: hiddenHash() })
    connection.markChanged('environment', id)
    await record(connection, actor, 'deleted', `test environment ${id}`)
  },
)

/** Removes up to `rows` components from a hidden environment; when none is left, deletes the environment. */
export const deleteEnvironmentRows = defineWrite(
  'deleteEnvironmentRows',
  async (connection, { id, rows }: { id: number; rows: number }): Promise<{ done: boolean }> => {
    if ((await connection.run(deleteLinks, { environment: id, limit: rows })).changes > 0)
      return { done: false }
    if (await connection.first(hiddenById, { id })) await connection.run(deleteEnvironment, { id })
    return { done: true }
  },
)
