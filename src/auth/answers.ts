// The pages of users and of tokens.

import type { RequestLike } from '../http/request/links'
import { paginate } from '../http/resource/pagination'
import { defineQuery } from '../storage/database'
import { toToken, toUser } from './model'
import { countUsers, getUser, listUsers } from './queries'
import { countTokens, listTokens } from './token-queries'

/** @throws NotFound when there is no such page. */
export const pageOfUsers = defineQuery('pageOfUsers', async (connection, request: RequestLike) =>
  paginate(request, await countUsers(connection), async (slice) =>
    (await listUsers.run(connection, slice)).map(toUser),
  ),
)

/** @throws NotFound when there is no such user or page. */
export const pageOfTokens = defineQuery(
  'pageOfTokens',
  async (connection, { request, user }: { request: RequestLike; user: number }) => {
    await getUser(connection, user)
    return paginate(request, await countTokens(connection, user), async (slice) =>
      (await listTokens(connection, { user, ...slice })).map(toToken),
    )
  },
)
