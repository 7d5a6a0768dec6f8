// The routes of /users/ID/tokens/. Machines send tokens. Users manage their own, administrators those of everybody.

import { Elysia } from 'elysia'
import { describe } from '../http/openapi/documentation'
import { receiveBody } from '../http/request/body'
import { link } from '../http/request/links'
import { rowIdOf } from '../http/request/row-id'
import { pageOf, pageParameters } from '../http/resource/pagination'
import { readBody, schemaOf } from '../http/resource/shapes'
import { Conflict, Invalid } from '../lib/errors'
import { pageOfTokens } from './answers'
import { hashToken, makeToken } from './credentials'
import { madeTokenItem, newToken, tokenItem, toToken } from './model'
import { authentication } from './plugin'
import { getUserQuery } from './queries'
import type { AuthServices } from './services'
import { addToken, deleteToken, getToken } from './token-queries'

export function tokenRoutes(services: AuthServices) {
  const { database, config } = services

  return new Elysia({ name: 'tokens', prefix: '/users/:user/tokens', tags: ['Users'] })
    .use(authentication(services))
    .get(
      '/',
      async ({ request, params }) => database.read(pageOfTokens, { request, user: rowIdOf(params.user) }),
      {
        self: true,
        detail: describe({
          summary: 'List the tokens of a user, without what makes them valid',
          reply: pageOf(tokenItem),
          parameters: pageParameters,
          errors: [404],
          administers: true,
        }),
      },
    )
    .post(
      '/',
      async ({ request, params, actor, set }) => {
        const body = await receiveBody(request, config)
        const { id, username, disabled } = await database.read(getUserQuery, rowIdOf(params.user))
        if (disabled) throw new Conflict('This user is disabled, and so would be the token: enable it first.')
        const { label = '', role, expires = null } = readBody(newToken, body, config)
        const [token, made] = [makeToken(), actor()]
        if (expires !== null && expires <= made.at) throw new Invalid({ expires: 'This time has passed.' })
        const added = await database.write(addToken, {
          username,
          label,
          hash: hashToken(token),
          role,
          expires,
          actor: made,
        })
        set.status = 201
        set.headers.location = link(request, 'users', id, 'tokens', added.id)
        return {
          ...toToken(await database.read(getToken, { user: id, id: added.id })),
          token,
        }
      },
      {
        parse: 'none',
        self: true,
        detail: describe({
          summary: 'Make a token for a user: it is shown this once',
          description: 'Its role is that of the user unless told, and never more.',
          body: schemaOf(newToken),
          status: 201,
          reply: madeTokenItem,
          errors: [404, 409],
          administers: true,
        }),
      },
    )
    .get('/:token/', async ({ params }) => toToken(await database.read(getToken, idsOf(params))), {
      self: true,
      detail: describe({ summary: 'Show a token', reply: tokenItem, errors: [404], administers: true }),
    })
    .delete(
      '/:token/',
      async ({ params, actor, set }) => {
        const { id } = await database.read(getToken, idsOf(params))
        await database.write(deleteToken, { id, actor: actor() })
        set.status = 204
      },
      {
        parse: 'none',
        self: true,
        detail: describe({ summary: 'End a token at once', status: 204, errors: [404], administers: true }),
      },
    )
}

/** @throws NotFound for what cannot be an id. */
function idsOf({ user, token }: { user: string; token: string }): { user: number; id: number } {
  return { user: rowIdOf(user), id: rowIdOf(token) }
}
