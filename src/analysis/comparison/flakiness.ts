// What is stored about the flakiness of test cases, and the templates of fail reasons.

import { sql } from 'kysely'
import { type Connection, dynamicQuery, members, tables } from '../../storage/query'

export interface KnownFlakiness {
  /** How often it fails while it works. */
  rate: number
  isFlaky: boolean
}

/** Of test cases that have been analysed, by their ids. */
export async function flakinessOf(
  connection: Connection,
  testcases: readonly number[],
): Promise<Map<number, KnownFlakiness>> {
  if (testcases.length === 0) return new Map()
  const listed = dynamicQuery('flakinessOf')(() =>
    tables
      .selectFrom('testcase_flakiness')
      .select(['testcase', 'rate', 'flaky'])
      .where(sql<boolean>`testcase IN ${members(testcases)}`),
  )
  return new Map(
    (await connection.all(listed, {})).map(
      ({ testcase, rate, flaky }) => [testcase, { rate, isFlaky: flaky === 1 }] as const,
    ),
  )
}

export interface Template {
  id: number
  text: string
}

/** How many templates with ever fewer words one template may be part of. */
const MAX_DEPTH = 8

/** The templates that these belong to, each the widest, by the ids that were asked for. */
export async function templatesOf(
  connection: Connection,
  ids: Iterable<number>,
): Promise<Map<number, Template>> {
  const rows = new Map<number, Template & { parent: number | null }>()
  let wanted = [...new Set(ids)]
  for (let depth = 0; depth < MAX_DEPTH && wanted.length > 0; depth++) {
    const asked = wanted
    const listed = dynamicQuery('templatesOf')(() =>
      tables
        .selectFrom('template')
        .select(['id', 'text', 'parent'])
        .where(sql<boolean>`id IN ${members(asked)}`),
    )
    const found = await connection.all(listed, {})
    for (const row of found) rows.set(row.id, row)
    wanted = found.flatMap(({ parent }) => (parent !== null && !rows.has(parent) ? parent : []))
  }
  const widest = (id: number) => {
    let row = rows.get(id)
    for (let depth = 0; depth < MAX_DEPTH && row?.parent != null; depth++) row = rows.get(row.parent) ?? row
    return row
  }
  return new Map(
    [...ids].flatMap((id) => {
      const row = widest(id)
      return row ? [[id, { id: row.id, text: row.text }] as const] : []
    }),
  )
}
