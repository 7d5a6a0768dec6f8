// What claims and comments are about: a failure, a regression, or all failures with one reason. They refer to ids that
// last, so they are still there after all that is derived was made anew.

import type { Slice } from '../../http/resource/pagination'
import { Invalid, NotFound } from '../../lib/errors'
import { getTestOwner } from '../../results/tests/reference'
import { type Connection, query, tables } from '../../storage/query'

export const thingKinds = ['failure', 'regression', 'cluster'] as const
export type ThingKind = (typeof thingKinds)[number]

/** `target`: the id of a test, of a regression, or of a template. */
export interface Thing {
  kind: ThingKind
  target: number
}

/** Reads what people say about a thing. @param thing  undefined: about anything, the newest first. */
export interface NotesOf<Row> {
  /** An upper bound of their number. */
  most(connection: Connection, thing: Thing | undefined): Promise<number>
  count(connection: Connection, thing: Thing | undefined): Promise<number>
  list(connection: Connection, thing: Thing | undefined, slice: Slice): Promise<Row[]>
}

/** How a request names one. */
export interface NamedThing {
  job?: string | undefined
  test?: string | undefined
  regression?: number | undefined
  cluster?: number | undefined
}

const regressionById = query<{ id: number }>()((param) =>
  tables.selectFrom('regression').select('id').where('id', '=', param('id')),
)
const templateById = query<{ id: number }>()((param) =>
  tables
    .selectFrom('template')
    .select((column) => column.fn.coalesce('parent', 'id').as('id'))
    .where('id', '=', param('id')),
)

/**
 * @returns undefined when nothing is named.
 * @throws Invalid when several things are named; NotFound when it is not there.
 */
export async function findThing(
  connection: Connection,
  { job, test, regression, cluster }: NamedThing,
): Promise<Thing | undefined> {
  const named = [job ?? test, regression, cluster].filter((one) => one !== undefined)
  if (named.length > 1)
    throw new Invalid({ non_field_errors: 'Name one thing: job and test, regression, or cluster.' })
  if (regression !== undefined) {
    if (!(await connection.first(regressionById, { id: regression }))) throw new NotFound()
    return { kind: 'regression', target: regression }
  }
  if (cluster !== undefined) {
    const found = await connection.first(templateById, { id: cluster })
    if (!found) throw new NotFound()
    return { kind: 'cluster', target: found.id }
  }
  if (job === undefined && test === undefined) return undefined
  if (job === undefined || test === undefined) {
    throw new Invalid({
      [job === undefined ? 'job' : 'test']: 'Name a failure by both its job and its test.',
    })
  }
  return {
    kind: 'failure',
    target: (await getTestOwner(connection, { job, test }, { deleting: false })).test,
  }
}

/** @throws Invalid, NotFound */
export async function getThing(connection: Connection, named: NamedThing): Promise<Thing> {
  const thing = await findThing(connection, named)
  if (!thing) {
    throw new Invalid({ non_field_errors: 'Name what this is about: job and test, regression, or cluster.' })
  }
  return thing
}

/** How the audit log names a thing. */
export function nameOfThing({ kind, target }: Thing): string {
  return kind === 'failure' ? `test ${target}` : `${kind} ${target}`
}
