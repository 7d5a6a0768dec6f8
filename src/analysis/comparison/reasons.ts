// The reasons of the failures in a comparison.

import type { Connection } from '../../storage/query'
import { templateTexts } from '../names'
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
  const texts = await templateTexts(connection, ids)
  const reasons = new Map<number, Template>()
  for (const [test, { template }] of failures) {
    if (template === null) continue
    const [id, text] = typeof template === 'number' ? [template, texts.get(template) ?? ''] : [null, template]
    reasons.set(test, { id, text })
  }
  return reasons
}
