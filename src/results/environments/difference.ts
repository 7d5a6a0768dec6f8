// What differs between two environments: components that were added, removed or changed, the kernel first. Reads the
// two sorted lists once, and details only of what differs.

import { type Static, Type as t } from '@sinclair/typebox'
import { compareTexts } from '../../lib/texts'
import { type Connection, query, tables } from '../../storage/query'
import { componentFields, componentRows } from './components'
import type { NewComponent, NewDistro } from './model'
import { distroOfEnvironment } from './queries'
import type { Id } from './shared-rows'
import { compareVersions, versionOf } from './versions'

/** Of each kind of difference an answer lists so many components; the counts are of all. */
const MAX_LISTED = 2000

const text = t.String()
const componentItem = t.Object({
  kind: text,
  name: text,
  arch: text,
  version: t.String({ description: 'Version and release, as VERSION-RELEASE' }),
})
const count = t.Integer({ minimum: 0 })

export const differenceItem = t.Object({
  counts: t.Object({ changed: count, added: count, removed: count, same: count }),
  distro: t.Optional(
    t.Object({ from: text, to: text }, { description: 'Where the distribution or architecture differs' }),
  ),
  changed: t.Array(
    t.Object({
      kind: text,
      name: text,
      arch: text,
      from: text,
      to: text,
      direction: t.String({
        description:
          'up, down, or same (another architecture or checksum of one version), as rpm or dpkg orders versions',
      }),
    }),
    { description: `The kernel first, then by name; at most ${MAX_LISTED}` },
  ),
  added: t.Array(componentItem),
  removed: t.Array(componentItem),
})

/** Two versions of one component. */
export interface ChangedComponent {
  kind: string
  name: string
  arch: string
  from: string
  to: string
  direction: 'up' | 'down' | 'same'
}

type Component = Pick<NewComponent, 'kind' | 'name' | 'arch' | 'version' | 'release'>

export interface Difference {
  distro: { from: NewDistro; to: NewDistro }
  changed: ChangedComponent[]
  added: Component[]
  removed: Component[]
  /** Components that both have. */
  same: number
}

interface Pair {
  one: number
  other: number
}

const countOfEnvironment = query<Id>()((param) =>
  tables
    .selectFrom('environment_component')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('environment', '=', param('id')),
)
const onlyInOne = query<Pair>()((param) =>
  componentRows
    .innerJoin('environment_component', 'environment_component.component', 'component.id')
    .select(componentFields)
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

/** How many components an environment has; 0 when there is no such environment. */
async function countComponents(connection: Connection, environment: number): Promise<number> {
  return (await connection.first(countOfEnvironment, { id: environment }))?.count ?? 0
}

/** @returns undefined when one of the environments does not exist. */
export async function differenceOf(
  connection: Connection,
  before: number,
  after: number,
): Promise<Difference | undefined> {
  const from = await distroOfEnvironment(connection, before)
  const to = await distroOfEnvironment(connection, after)
  if (!from || !to) return undefined
  const same = { distro: { from, to }, changed: [], added: [], removed: [] }
  if (before === after) return { ...same, same: await countComponents(connection, before) }
  const removed = await connection.all(onlyInOne, { one: before, other: after })
  const added = await connection.all(onlyInOne, { one: after, other: before })
  return {
    distro: { from, to },
    ...pairUp(removed, added),
    same: (await countComponents(connection, before)) - removed.length,
  }
}

/**
 * Finds the components that were replaced by another version: of one kind, name and architecture, and then of another
 * architecture. Several versions of one component, such as three installed kernels, are paired from the newest on.
 */
function pairUp(removed: Component[], added: Component[]): Omit<Difference, 'distro' | 'same'> {
  const changed: ChangedComponent[] = []
  const exactly = ({ kind, name, arch }: Component) => JSON.stringify([kind, name, arch])
  const byName = ({ kind, name }: Component) => JSON.stringify([kind, name])
  let rest = { removed, added }
  for (const keyOf of [exactly, byName]) rest = pairBy(keyOf, rest, changed)
  return {
    changed: changed.sort(kernelFirst),
    added: rest.added.sort(kernelFirst),
    removed: rest.removed.sort(kernelFirst),
  }
}

interface Unpaired {
  removed: Component[]
  added: Component[]
}

function pairBy(
  keyOf: (component: Component) => string,
  { removed, added }: Unpaired,
  changed: ChangedComponent[],
): Unpaired {
  const groups = Map.groupBy(removed, keyOf)
  for (const versions of groups.values()) versions.sort(newestFirst)
  const unpaired: Component[] = []
  for (const versions of Map.groupBy(added, keyOf).values()) {
    const before = groups.get(keyOf(versions[0] as Component)) ?? []
    for (const component of versions.sort(newestFirst)) {
      const replaced = before.shift()
      if (replaced) changed.push(changeOf(replaced, component))
      else unpaired.push(component)
    }
  }
  return { removed: [...groups.values()].flat(), added: unpaired }
}

function changeOf(before: Component, after: Component): ChangedComponent {
  const { kind, name, arch } = after
  const order = compareVersions(kind, versionOf(after), versionOf(before))
  const direction = order > 0 ? 'up' : order < 0 ? 'down' : 'same'
  return { kind, name, arch, from: versionText(before), to: versionText(after), direction }
}

function newestFirst(one: Component, other: Component): number {
  return compareVersions(one.kind, versionOf(other), versionOf(one))
}

function kernelFirst(one: Omit<Component, 'version' | 'release'>, other: typeof one): number {
  const order = Number(other.kind === 'kernel') - Number(one.kind === 'kernel')
  return order || compareTexts(one.name, other.name) || compareTexts(one.arch, other.arch)
}

/** `9.2.0-3` */
export function versionText({ version, release }: Pick<Component, 'version' | 'release'>): string {
  return release === '' ? version : `${version}-${release}`
}

/** `fedora 43 x86_64` */
function distroText({ name, version, release, arch }: NewDistro): string {
  const numbers = release === '' || release === '0' ? version : `${version}.${release}`
  return [name, numbers === '0' ? '' : numbers, arch].filter((word) => word !== '').join(' ')
}

/** A difference in the wire format. @param limit  how many components of each kind of difference are listed. */
export function toDifference(
  { distro, changed, added, removed, same }: Difference,
  limit = MAX_LISTED,
): Static<typeof differenceItem> {
  const [from, to] = [distroText(distro.from), distroText(distro.to)]
  const listed = (components: Component[]) =>
    components.slice(0, limit).map(({ kind, name, arch, ...version }) => ({
      kind,
      name,
      arch,
      version: versionText(version),
    }))
  return {
    counts: { changed: changed.length, added: added.length, removed: removed.length, same },
    ...(from !== to && { distro: { from, to } }),
    changed: changed.slice(0, limit),
    added: listed(added),
    removed: listed(removed),
  }
}
