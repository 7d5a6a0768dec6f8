// The kernels of environments.

import {
  type Connection,
  inList,
  inTime,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { kernelForm } from '../labels/environment-labels'

const kernels = query<{ environments: NumberList }>()((param) =>
  tables
    .selectFrom('component')
    .innerJoin('component_kind', 'component_kind.id', 'component.kind')
    .innerJoin('environment_component', 'environment_component.component', 'component.id')
    .select(['environment', kernelForm.as('kernel')])
    .where('component_kind.name', '=', 'kernel')
    .where(inList('environment', param('environments')))
    .where(inTime)
    .orderBy('component.id'),
)

/** The kernels of environments: `6.12.0-1`. Of several, the newest that was recorded. */
export async function kernelsOf(
  connection: Connection,
  environments: Iterable<number>,
): Promise<Map<number, string>> {
  const wanted = [...new Set(environments)]
  if (wanted.length === 0) return new Map()
  const rows = await connection.all(kernels, { environments: toNumberList(wanted) })
  return new Map(rows.map(({ environment, kernel }) => [environment, kernel]))
}
