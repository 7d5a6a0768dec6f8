// The queries behind the GET routes of a resource, apart from crud-routes.ts because the reader's worker loads them.

import { rowIdOf } from '../../http/request/row-id'
import { paginateWithBudget, rowsWalked, type Slice } from '../../http/resource/pagination'
import { defineRequestQuery, type RequestQuery } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { defineQuery, type NamedQuery } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { type Planned, withRowBudget } from '../../storage/row-budget'

export type Params = Record<string, string>

/** The queries for the rows of a resource. `Owner` is the job or test that the URL names above the resource. */
interface RowQueries<Owner> {
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params, options: { deleting: boolean }): Promise<Owner>
  /** The owner, for a user who adds or changes an item. @throws NotFound, Conflict, Forbidden */
  ownerToChange(connection: Connection, params: Params, user: Identity | undefined): Promise<Owner>
  /** About how many rows count() scans, where they may be many. This function itself scans few. */
  rowsToCount?(connection: Connection, owner: Owner): Promise<number>
  count(connection: Connection, owner: Owner): Promise<number>
  /** Declares a budget where it scans more than the rows up to the end of the slice. */
  list(connection: Connection, owner: Owner, slice: Slice): Promise<Planned<object[]>>
  /** Whether list() starts at the nearer end. */
  isWalkedFromBothEnds?: boolean
  find(connection: Connection, owner: Owner, id: number): Promise<Planned<object> | undefined>
  /** Whether the item exists. For a resource whose find() may take long. */
  exists?(connection: Connection, owner: Owner, id: number): Promise<boolean>
}

/** The queries of the six routes. */
export interface CrudQueries<Owner> {
  /** @throws NotFound, Conflict, Forbidden */
  ownerToChange: NamedQuery<{ params: Params; user: Identity | undefined }, Owner>
  /** @throws NotFound, Conflict, BadRequest */
  ownerToDelete: NamedQuery<Params, Owner>
  hasItem: NamedQuery<{ owner: Owner; id: number }, boolean>
  page: RequestQuery<Params>
  /** The item whose id is in the path. */
  item: RequestQuery<Params>
}

/** @param name  of the resource, in the singular. */
export function defineCrudQueries<Owner>(name: string, queries: RowQueries<Owner>): CrudQueries<Owner> {
  const { owner, rowsToCount, count, list, isWalkedFromBothEnds, find, exists } = queries
  const ownerToChange: CrudQueries<Owner>['ownerToChange'] = defineQuery(
    `owner of ${name}, to change`,
    (connection, { params, user }) => queries.ownerToChange(connection, params, user),
  )
  const ownerToDelete = defineQuery(`owner of ${name}, to delete`, (connection, params: Params) =>
    owner(connection, params, { deleting: true }),
  )
  const hasItem: CrudQueries<Owner>['hasItem'] = defineQuery(
    `has ${name}`,
    async (connection, { owner, id }) =>
      exists ? exists(connection, owner, id) : (await find(connection, owner, id)) !== undefined,
  )
  const page = defineRequestQuery(`page of ${name}`, async (connection, request, params: Params) => {
    const parent = await owner(connection, params, { deleting: false })
    const rowsOf = (slice: Slice) => (isWalkedFromBothEnds ? rowsWalked(slice) : slice.offset + slice.limit)
    return withRowBudget<object>((await rowsToCount?.(connection, parent)) ?? 0, async () =>
      paginateWithBudget(request, await count(connection, parent), (slice) =>
        withRowBudget(rowsOf(slice), () => list(connection, parent, slice)),
      ),
    )
  })
  const item = defineRequestQuery(`one ${name}`, async (connection, _, params: Params) => {
    const parent = await owner(connection, params, { deleting: false })
    return withRowBudget(1, async () => {
      const found = await find(connection, parent, rowIdOf(params.id))
      if (!found) throw new NotFound()
      return found
    })
  })
  return { ownerToChange, ownerToDelete, hasItem, page, item }
}
