// Reads the failure that a comment is about, for the known issue that carries the link of the comment over.

import { EPOCH } from '../../results/core/ran-at'
import { type Connection, query, tables } from '../../storage/query'
import type { CarriedFailure } from '../known-issues/carrying'
import { templateTexts } from '../names'
import { type NewTemplates, readFailures } from '../runs/failures'

const failureById = query<{ test: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id as test', 'testcase', 'ran_at as ranAt', 'status'])
    .where('id', '=', param('test')),
)

const FAILED: readonly (number | null)[] = [2, 3]

/** @returns undefined for a test that did not fail. */
export async function carriedFailure(
  connection: Connection,
  test: number,
): Promise<CarriedFailure | undefined> {
  const row = await connection.first(failureById, { test })
  if (!row || !FAILED.includes(row.status)) return undefined
  const unmasked: NewTemplates = new Map()
  const template = (await readFailures(connection, [row], unmasked)).get(test)?.template ?? null
  const text =
    typeof template === 'number' ? (await templateTexts(connection, [template])).get(template) : template
  return { testcase: row.testcase, time: row.ranAt + EPOCH, template: text ?? null }
}
