// What changed between two environments, by name.

import { sql } from 'kysely'
import { type Connection, query, tables } from '../../storage/query'

interface Pair {
  one: number
  other: number
}

// Components that one environment has and the other has not, or has in another version.
const onlyInOne = query<Pair>()((param) =>
  tables
    .selectFrom('environment_component')
    .innerJoin('component', 'component.id', 'environment_component.component')
    .select(sql<string>`component.kind || ' ' || component.name`.as('name'))
    .where('environment_component.environment', '=', param('one'))
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('environment_component as also')
            .select('also.component')
            .where('also.environment', '=', param('other'))
            .whereRef('also.component', '=', 'environment_component.component'),
        ),
      ),
    ),
)
const distros = query<Pair>()((param) =>
  tables
    .selectFrom('environment as one')
    .innerJoin('environment as other', (join) => join.on('other.id', '=', param('other')))
    .innerJoin('distro as before', 'before.id', 'one.distro')
    .innerJoin('distro as after', 'after.id', 'other.distro')
    .select([
      sql<number>`(before.name, before.version, before.release) <> (after.name, after.version, after.release)`.as(
        'distro',
      ),
      sql<number>`before.arch <> after.arch`.as('arch'),
    ])
    .where('one.id', '=', param('one')),
)

/** The names of what differs between two environments: components, the distribution, the architecture. */
export async function componentsChanged(
  connection: Connection,
  one: number,
  other: number,
): Promise<Set<string>> {
  const names = new Set<string>()
  for (const pair of [
    { one, other },
    { one: other, other: one },
  ]) {
    for (const { name } of await connection.all(onlyInOne, pair)) names.add(name)
  }
  const base = await connection.first(distros, { one, other })
  if (base?.distro) names.add('distro')
  if (base?.arch) names.add('arch')
  return names
}
