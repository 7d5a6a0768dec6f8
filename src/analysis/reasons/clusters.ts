// The queries and writes of the background that find templates whose words are values: see holes.ts. It looks at all
// templates anew when fail reasons have come, because one reason more may make a value of a word, or undo it.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { toRanAt } from '../../results/core/ran-at'
import { defineQuery, defineWrite } from '../../storage/database'
import { lastChange } from '../../storage/last-change'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'
import { templateId } from '../regressions/stored'
import { defaultWindow } from '../runs/window'
import { findHoles } from './holes'

/** The task that is there while templates have to be looked at. */
const CLUSTERING = 'find values in templates'
/** Beyond so many reasons a template is no name in any cluster that is likely. */
const MAX_REASONS = 100
/** What one write changes at most. It takes the writer some 10 ms. */
const MAX_CHANGES = 200
const MAX_MARKS = 1000

/** Says that there are new fail reasons. For a write. */
export async function markClusters(connection: Connection): Promise<void> {
  // The number of the commit that this write will be in.
  await putTask(connection, CLUSTERING, { change: (await lastChange(connection)) + 1 })
}

/** Whether templates have to be looked at. */
export async function clustersWait(connection: Connection): Promise<boolean> {
  return (await findTask(connection, CLUSTERING)) !== undefined
}

export const clustersWaitQuery = defineQuery('clustersWait', clustersWait)

const templates = query<{ most: number }>()((param) =>
  tables
    .selectFrom('template')
    .leftJoin('template as cluster', 'cluster.id', 'template.parent')
    .select(['template.id', 'template.text', 'cluster.text as parent'])
    .select(
      sql<number>`(SELECT count(*) FROM
        (SELECT 1 FROM fail_reason WHERE fail_reason.template = template.id LIMIT ${param('most')}))`.as(
        'reasons',
      ),
    ),
)
const testcasesOf = query<{ template: number; from: number }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .innerJoin('test', 'test.fail_reason', 'fail_reason.id')
    .select('test.testcase')
    .where('fail_reason.template', '=', param('template'))
    .where('test.ran_at', '>=', param('from')),
)

/** What a query has found, for the writes that store it. Plain values. */
export interface Clusters {
  /** The number of the last commit that it saw. */
  change: number
  /** Templates whose cluster is another one now, with its text; null: they are in none. */
  parents: [template: number, cluster: string | null][]
  /** The test cases that failed with them. */
  testcases: number[]
}

/** Finds the clusters of all templates. */
export const findClusters = defineQuery(
  'findClusters',
  async (connection, { now }: { now: Microseconds }): Promise<Clusters> => {
    const change = await lastChange(connection)
    const rows = await connection.all(templates, { most: MAX_REASONS })
    const found = findHoles(rows)
    const moved = rows.filter(({ text, parent }) => (found.get(text) ?? null) !== parent)
    const testcases = new Set<number>()
    const from = toRanAt(defaultWindow(now).from)
    for (const { id } of moved) {
      for (const { testcase } of await connection.all(testcasesOf, { template: id, from }))
        testcases.add(testcase)
    }
    const parents = moved.map(({ id, text }): Clusters['parents'][number] => [id, found.get(text) ?? null])
    return { change, parents, testcases: [...testcases] }
  },
)

const setParent = query<{ id: number; parent: number | null }>()((param) =>
  tables
    .updateTable('template')
    .set({ parent: param('parent') })
    .where('id', '=', param('id')),
)
// Its regressions are those of the cluster from now on, with the ids that they have.
const moveRegressions = query<{ id: number; parent: number }>()((param) =>
  tables
    .updateTable('regression')
    .set({ template: param('parent') })
    .where('template', '=', param('id')),
)

/** Stores a part of what was found. @param isLast  nothing is left to store */
export const storeClusters = defineWrite(
  'storeClusters',
  async (
    connection,
    { clusters: { change, parents, testcases }, isLast }: { clusters: Clusters; isLast: boolean },
  ): Promise<void> => {
    for (const [id, text] of parents) {
      const parent = text === null ? null : await templateId(connection, text)
      await connection.run(setParent, { id, parent })
      if (parent !== null) await connection.run(moveRegressions, { id, parent })
    }
    for (const testcase of testcases) connection.markStale(testcase)
    connection.markChanged('analysis', 'any')
    const task = isLast ? await findTask<{ change: number }>(connection, CLUSTERING) : undefined
    if (task && task.change <= change) await endTask(connection, CLUSTERING)
  },
)

/** The parts of what was found, each for one write. */
export function* partsOf({
  change,
  parents,
  testcases,
}: Clusters): Generator<{ clusters: Clusters; isLast: boolean }> {
  // All parents come first: a test case that is marked must be analysed with them.
  for (let at = 0; at < parents.length; at += MAX_CHANGES) {
    yield { clusters: { change, parents: parents.slice(at, at + MAX_CHANGES), testcases: [] }, isLast: false }
  }
  for (let at = 0; at < testcases.length; at += MAX_MARKS) {
    yield { clusters: { change, parents: [], testcases: testcases.slice(at, at + MAX_MARKS) }, isLast: false }
  }
  yield { clusters: { change, parents: [], testcases: [] }, isLast: true }
}
