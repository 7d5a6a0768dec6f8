// What is looked up of an environment before it is written, so that no other write waits for it.

import { mapInTurn } from '../../lib/cooperative'
import { defineQuery } from '../../storage/database'
import { findComponent } from './components'
import { findDistro } from './distros'
import type { NewComponent, NewEnvironment } from './model'
import { environmentExists, findEqualEnvironment } from './queries'

export const hasEnvironment = defineQuery('hasEnvironment', environmentExists)

/** The first of these ids that no environment has. */
export const findUnknownEnvironment = defineQuery(
  'findUnknownEnvironment',
  async (connection, ids: readonly number[]): Promise<number | undefined> => {
    for (const id of ids) if (!(await environmentExists(connection, id))) return id
    return undefined
  },
)

/** The id of each component that exists; undefined for the others. */
export const findComponents = defineQuery('findComponents', (connection, components: NewComponent[]) =>
  mapInTurn(components, (component) => findComponent(connection, component)),
)

/** The id of the environment with exactly this distro and these components. @param known  the ids of the components */
export const findSameEnvironment = defineQuery(
  'findSameEnvironment',
  async (
    connection,
    { distro, known }: { distro: NewEnvironment['distro']; known: readonly (number | undefined)[] },
  ): Promise<number | undefined> => {
    const id = await findDistro(connection, distro)
    const ids = known.filter((one) => one !== undefined)
    return id === undefined || ids.length < known.length
      ? undefined
      : findEqualEnvironment(connection, id, ids)
  },
)
