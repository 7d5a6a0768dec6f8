// What the routes of a collection answer to those who read, defined where the reader's thread finds it, too.

import { rowIdOf } from '../../http/request/row-id'
import { defineAnswer, type LongAnswer } from '../../http/resource/long-answers'
import { paginate, rowsWalked, type Slice } from '../../http/resource/pagination'
import { NotFound } from '../../lib/errors'
import type { Connection } from '../../storage/query'

export type Params = Record<string, string>

/** @param Owner  what the path above the collection names. */
export interface Reading<Owner> {
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params, options: { deleting: boolean }): Owner
  /** About how many rows count() looks at, where those may be many; itself it looks at few. */
  foreseen?(connection: Connection, owner: Owner): number
  count(connection: Connection, owner: Owner): number
  /** It foresees what it looks at beyond the rows of the slice and those before them. */
  list(connection: Connection, owner: Owner, slice: Slice): object[]
  /** Whether list() walks from the nearer end. */
  isWalkedFromBothEnds?: boolean
  find(connection: Connection, owner: Owner, id: number): object | undefined
  /** Where find() may take long. */
  exists?(connection: Connection, owner: Owner, id: number): boolean
}

/** A collection as it is read: what finds its rows, and the answers made of them. */
export interface Readable<Owner> extends Reading<Owner> {
  page: LongAnswer<Params>
  /** Of the one whose id is in the path. */
  item: LongAnswer<Params>
}

/** @param name  of the collection, in the singular. */
export function defineReading<Owner>(name: string, reading: Reading<Owner>): Readable<Owner> {
  const { owner, foreseen, count, list, isWalkedFromBothEnds, find } = reading
  const page = defineAnswer(`page of ${name}`, (connection, asked, params: Params) => {
    const of = owner(connection, params, { deleting: false })
    connection.foresee(foreseen?.(connection, of) ?? 0)
    return paginate(asked, count(connection, of), (slice) => {
      connection.foresee(isWalkedFromBothEnds ? rowsWalked(slice) : slice.offset + slice.limit)
      return list(connection, of, slice)
    })
  })
  const item = defineAnswer(`one ${name}`, (connection, _, params: Params) => {
    const found = find(connection, owner(connection, params, { deleting: false }), rowIdOf(params.id))
    if (!found) throw new NotFound()
    return found
  })
  return { ...reading, page, item }
}
