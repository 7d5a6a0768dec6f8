// Compares the clusters that are stored with those that all templates together make. For the command `check`.

import type { Inconsistency } from '../../results/jobs/derived-data'
import { type Connection, query, tables } from '../../storage/query'
import { findHoles } from './holes'
import { MAX_REASONS, reasonCount } from './remake'

/** With more templates than this their texts may not fit into memory. */
const MAX_TEMPLATES = 50_000
const MAX_EXAMPLES = 5
/** How much of a template is shown. */
const EXAMPLE_LENGTH = 100

const templates = query<{ most: number; limit: number }>()((param) =>
  tables
    .selectFrom('template')
    .leftJoin('template as cluster', 'cluster.id', 'template.parent')
    .select(['template.id', 'template.text', 'cluster.text as parent'])
    .select(reasonCount(param('most')).as('reasons'))
    .limit(param('limit')),
)

/** Templates whose cluster is not that of the reasons. Nothing is said where there are too many to compare. */
export async function findWrongClusters(connection: Connection): Promise<Inconsistency[]> {
  const rows = await connection.all(templates, { most: MAX_REASONS, limit: MAX_TEMPLATES + 1 })
  if (rows.length > MAX_TEMPLATES) return []
  const found = findHoles(rows)
  const wrong = rows.filter(({ text, parent }) => (found.get(text) ?? null) !== parent)
  if (wrong.length === 0) return []
  const examples = wrong.slice(0, MAX_EXAMPLES).map(({ text }) => text.slice(0, EXAMPLE_LENGTH))
  return [{ what: 'fail reasons that are not in the cluster of their kind', count: wrong.length, examples }]
}
