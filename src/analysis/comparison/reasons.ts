// The reasons of the failures in a comparison.

import { sql } from 'kysely'
import { type Connection, dynamicQuery, members, tables } from '../../storage/query'
import { readFailures } from '../runs/failures'

/** A fail reason without what differs from run to run. */
export interface Template {
  /** null: it is not stored yet. */
  id: number | null
  text: string
}

/** The templates of failed tests, by the ids of the tests; none for a test without a reason. */
export async function reasonsOf(
  connection: Connection,
  tests: readonly number[],
): Promise<Map<number, Template>> {
  const failures = await readFailures(
    connection,
    tests.map((test) => ({ test })),
    new Map(),
  )
  const ids = [...failures.values()].flatMap(({ template }) => (typeof template === 'number' ? template : []))
  const texts = await textsOf(connection, [...new Set(ids)])
  const reasons = new Map<number, Template>()
  for (const [test, { template }] of failures) {
    if (template === null) continue
    const [id, text] = typeof template === 'number' ? [template, texts.get(template) ?? ''] : [null, template]
    reasons.set(test, { id, text })
  }
  return reasons
}

async function textsOf(connection: Connection, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const listed = dynamicQuery('textsOfTemplates')(() =>
    tables
      .selectFrom('template')
      .select(['id', 'text'])
      .where(sql<boolean>`id IN ${members(ids)}`),
  )
  return new Map((await connection.all(listed, {})).map(({ id, text }) => [id, text]))
}
