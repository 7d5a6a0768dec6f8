// What the routes of a collection answer to those who read, defined where the reader's thread finds it, too.

import { rowIdOf } from '../../http/request/row-id'
import { paginateWithBudget, rowsWalked, type Slice } from '../../http/resource/pagination'
import { defineRequestQuery, type RequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Connection } from '../../storage/query'
import { type Planned, withRowBudget } from '../../storage/row-budget'

export type Params = Record<string, string>

/** @param Owner  what the path above the collection names. */
export interface Reading<Owner> {
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params, options: { deleting: boolean }): Owner
  /** About how many rows count() looks at, where those may be many; itself it looks at few. */
  rowsToCount?(connection: Connection, owner: Owner): number
  count(connection: Connection, owner: Owner): number
  /** With a budget where it looks at more than the rows of the slice and those before them. */
  list(connection: Connection, owner: Owner, slice: Slice): Planned<object[]>
  /** Whether list() walks from the nearer end. */
  isWalkedFromBothEnds?: boolean
  find(connection: Connection, owner: Owner, id: number): Planned<object> | undefined
  /** Where find() may take long. */
  exists?(connection: Connection, owner: Owner, id: number): boolean
}

/** A collection as it is read: what finds its rows, and the answers made of them. */
export interface Readable<Owner> extends Reading<Owner> {
  page: RequestQuery<Params>
  /** Of the one whose id is in the path. */
  item: RequestQuery<Params>
}

/** @param name  of the collection, in the singular. */
export function defineReading<Owner>(name: string, reading: Reading<Owner>): Readable<Owner> {
  const { owner, rowsToCount, count, list, isWalkedFromBothEnds, find } = reading
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
  return { ...reading, page, item }
}
