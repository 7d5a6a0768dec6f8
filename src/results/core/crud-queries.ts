// The queries behind the GET routes of a resource, in a file of their own that the reader's worker loads too.

import { rowIdOf } from '../../http/request/row-id'
import { paginateWithBudget, rowsWalked, type Slice } from '../../http/resource/pagination'
import { defineRequestQuery, type RequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Connection } from '../../storage/query'
import { type Planned, withRowBudget } from '../../storage/row-budget'

export type Params = Record<string, string>

/** How the rows of a resource are found. `Owner`: what the path above the resource names. */
interface RowQueries<Owner> {
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params, options: { deleting: boolean }): Owner
  /** About how many rows count() looks at, where they may be many. This function itself looks at few. */
  rowsToCount?(connection: Connection, owner: Owner): number
  count(connection: Connection, owner: Owner): number
  /** Declares a budget where it looks at more than the rows of the slice and those before them. */
  list(connection: Connection, owner: Owner, slice: Slice): Planned<object[]>
  /** Whether list() walks from the nearer end. */
  isWalkedFromBothEnds?: boolean
  find(connection: Connection, owner: Owner, id: number): Planned<object> | undefined
  /** Whether find() finds it, where find() may take long. */
  exists?(connection: Connection, owner: Owner, id: number): boolean
}

/** The same, with the answers made of the rows. */
export interface CrudQueries<Owner> extends RowQueries<Owner> {
  page: RequestQuery<Params>
  /** The item whose id is in the path. */
  item: RequestQuery<Params>
}

/** @param name  of the resource, in the singular. */
export function defineCrudQueries<Owner>(name: string, queries: RowQueries<Owner>): CrudQueries<Owner> {
  const { owner, rowsToCount, count, list, isWalkedFromBothEnds, find } = queries
  const page = defineRequestQuery(`page of ${name}`, (connection, asked, params: Params) => {
    const of = owner(connection, params, { deleting: false })
    const rowsOf = (slice: Slice) => (isWalkedFromBothEnds ? rowsWalked(slice) : slice.offset + slice.limit)
    return withRowBudget<object>(rowsToCount?.(connection, of) ?? 0, () =>
      paginateWithBudget(asked, count(connection, of), (slice) =>
        withRowBudget(rowsOf(slice), () => list(connection, of, slice)),
      ),
    )
  })
  const item = defineRequestQuery(`one ${name}`, (connection, _, params: Params) => {
    const of = owner(connection, params, { deleting: false })
    return withRowBudget(1, () => {
      const found = find(connection, of, rowIdOf(params.id))
      if (!found) throw new NotFound()
      return found
    })
  })
  return { ...queries, page, item }
}
