// Stores, changes and deletes test environments, which may have 20,000 components. Existing components are looked up
// outside of writes, and new ones are written in parts, so that no other write waits long.

import type { Actor } from '../../audit/log'
import { nextSlice } from '../../lib/cooperative'
import { NotFound } from '../../lib/errors'
import { writeLarge } from '../../storage/chunked-writes'
import type { Database } from '../../storage/database'
import type { ResultServices } from '../core/services'
import {
  addComponents,
  addEnvironment,
  addHiddenEnvironment,
  changeEnvironment,
  deleteEnvironmentRows,
  findOrAddComponents,
  hideEnvironment,
  revealEnvironment,
} from './changes'
import { findComponents, findSameEnvironment, hasEnvironment } from './lookups'
import type { NewComponent, NewEnvironment } from './model'
import { hiddenEnvironments } from './queries'

type Parts = Pick<ResultServices, 'database' | 'log'>

/** How many components one transaction adds at most. Each may take four rows. */
const MAX_COMPONENTS_AT_ONCE = 250
/** How many rows one transaction deletes at most. */
const MAX_ROWS = 1000

/** Adds an environment, or finds an equal one. @returns its id, when it is on disk and visible. */
export async function storeEnvironment(services: Parts, value: NewEnvironment): Promise<number> {
  const { database } = services
  const { distro, installed_software_components: components } = value
  const known = await findAllComponents(database, components)
  const equal = await database.read(findSameEnvironment, { distro, known })
  if (equal !== undefined) return equal
  if (components.length <= MAX_COMPONENTS_AT_ONCE) return (await database.write(addEnvironment, value)).id
  const { id } = await database.write(addHiddenEnvironment, { distro })
  try {
    for (const part of partsOf(components)) {
      await writeLarge(database, addComponents, { environment: id, components: part })
    }
    const finished = await database.write(revealEnvironment, { id })
    if (finished.id !== id) await deleteHiddenEnvironment(services, id)
    return finished.id
  } catch (error) {
    await deleteHiddenEnvironment(services, id)
    throw error
  }
}

/** @throws NotFound; Conflict when something uses it; NotUnique; Invalid when too many components change. */
export async function changeStoredEnvironment(
  { database }: Parts,
  { id, value }: { id: number; value: Partial<NewEnvironment> },
): Promise<void> {
  if (!(await database.read(hasEnvironment, id))) throw new NotFound()
  const { distro, installed_software_components: given } = value
  await database.write(changeEnvironment, { id, distro, components: given && (await idsOf(database, given)) })
}

/** @throws NotFound; Conflict when something uses it. */
export async function deleteEnvironment(
  services: Parts,
  { id, actor }: { id: number; actor: Actor },
): Promise<void> {
  await services.database.write(hideEnvironment, { id, actor })
  await deleteHiddenEnvironment(services, id)
}

/** Deletes the hidden environments that a crash left during their writing or deletion. */
export async function sweepHiddenEnvironments(services: Parts): Promise<void> {
  for (const id of await services.database.read(hiddenEnvironments))
    await deleteHiddenEnvironment(services, id)
}

/** If it fails, the next start tries again. Clients never see a hidden environment. */
async function deleteHiddenEnvironment({ database, log }: Parts, id: number): Promise<void> {
  try {
    while (!(await database.write(deleteEnvironmentRows, { id, rows: MAX_ROWS })).done);
  } catch (error) {
    if (!database.closed) log.warn({ err: error, id }, 'a hidden test environment could not be deleted yet')
  }
}

/** The ids of components. Adds those that do not exist. */
async function idsOf(database: Database, components: NewComponent[]): Promise<number[]> {
  const known = await findAllComponents(database, components)
  const unknown = components.filter((_, index) => known[index] === undefined)
  const ids = known.filter((one) => one !== undefined)
  for (const part of partsOf(unknown)) {
    ids.push(...(await writeLarge(database, findOrAddComponents, { components: part })))
  }
  return ids
}

/** The id of each component that exists; undefined for the others. */
async function findAllComponents(
  database: Database,
  components: NewComponent[],
): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = []
  for (const part of partsOf(components)) {
    if (found.length > 0) await nextSlice()
    found.push(...(await database.read(findComponents, part)))
  }
  return found
}

function* partsOf(components: NewComponent[]): Generator<NewComponent[]> {
  for (let start = 0; start < components.length; start += MAX_COMPONENTS_AT_ONCE) {
    yield components.slice(start, start + MAX_COMPONENTS_AT_ONCE)
  }
}
