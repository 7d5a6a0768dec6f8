// The queries behind /comments/ and /claims/.

import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import { defineQuery } from '../../storage/database'
import { withRowBudget } from '../../storage/row-budget'
import type { CarriedFailure } from '../known-issues/carrying'
import { claimsOf, getClaim } from './claims'
import { commentsOf, getComment } from './comments'
import { carriedFailure } from './failures'
import { thingFields } from './model'
import { toClaim, toComment } from './show'
import { findThing, getThing, type NamedThing, type NotesOf, type Thing } from './things'

export const pageOfComments = definePage('pageOfComments', commentsOf, toComment)
export const pageOfClaims = definePage('pageOfClaims', claimsOf, toClaim)

/** A page of what people say about the thing that a request names. */
function definePage<Row, Item>(
  name: string,
  { most, count, list }: NotesOf<Row>,
  toItem: (row: Row) => Item,
) {
  return defineRequestQuery(name, async (connection, request, context: ReadContext) => {
    const thing = await findThing(connection, readQuery(thingFields, request, context))
    return withRowBudget(await most(connection, thing), async () =>
      paginate(request, await count(connection, thing), async (slice) =>
        (await list(connection, thing, slice)).map(toItem),
      ),
    )
  })
}

export const oneComment = defineQuery('oneComment', async (connection, id: number) =>
  toComment(await getComment(connection, id)),
)
export const oneClaim = defineQuery('oneClaim', async (connection, id: number) =>
  toClaim(await getClaim(connection, id)),
)

export const thingOfClaim = defineQuery('thingOfClaim', getThing)

/** What a comment is about, and the failure whose link it may carry over. @throws Invalid, NotFound */
export const thingOfComment = defineQuery(
  'thingOfComment',
  async (connection, named: NamedThing): Promise<{ thing: Thing; failure?: CarriedFailure }> => {
    const thing = await getThing(connection, named)
    const failure = thing.kind === 'failure' ? await carriedFailure(connection, thing.target) : undefined
    return { thing, ...(failure && { failure }) }
  },
)
