// How many components differ between the environments of two runs.

import {
  type Connection,
  inList,
  listOf,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'

const componentsOf = query<{ environment: number }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('environment_component')
        .select('component')
        .where('environment', '=', param('environment'))
        .orderBy('component')
        .as('sorted'),
    )
    .select(listOf('component').as('ids')),
)
const namesOf = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('component')
    .select(['kind', 'name'])
    .where(inList('id', param('ids'))),
)

/** Reads each environment once. */
export class EnvironmentChanges {
  private readonly components = new Map<number, readonly number[]>()
  private readonly counts = new Map<string, number>()

  constructor(private readonly connection: Connection) {}

  /** How many components were added, removed or changed; null where an environment is unknown. */
  async count(before: number | null, after: number | null): Promise<number | null> {
    if (before === null || after === null) return null
    if (before === after) return 0
    const key = `${before} ${after}`
    const known = this.counts.get(key)
    if (known !== undefined) return known
    const ids = onlyInOne(await this.read(before), await this.read(after))
    const rows = await this.connection.all(namesOf, { ids: toNumberList(ids) })
    const count = new Set(rows.map(({ kind, name }) => `${kind} ${name}`)).size
    this.counts.set(key, count)
    return count
  }

  private async read(environment: number): Promise<readonly number[]> {
    let ids = this.components.get(environment)
    if (!ids) {
      ids = JSON.parse((await this.connection.first(componentsOf, { environment }))?.ids ?? '[]') as number[]
      this.components.set(environment, ids)
    }
    return ids
  }
}

/** @param one, other  sorted */
function onlyInOne(one: readonly number[], other: readonly number[]): number[] {
  const only: number[] = []
  for (let left = 0, right = 0; left < one.length || right < other.length; ) {
    const [a, b] = [one[left] ?? Number.POSITIVE_INFINITY, other[right] ?? Number.POSITIVE_INFINITY]
    if (a !== b) only.push(Math.min(a, b))
    if (a <= b) left++
    if (b <= a) right++
  }
  return only
}
