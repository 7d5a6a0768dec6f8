// The routes of /users/, for administrators. Users are disabled, not deleted, so that what they stored has its author.

import { Elysia } from 'elysia'
import { describe } from '../http/openapi/documentation'
import { receiveBody } from '../http/request/body'
import { networkOf } from '../http/request/client-address'
import { link } from '../http/request/links'
import { rowIdOf } from '../http/request/row-id'
import { pageOf, pageParameters } from '../http/resource/pagination'
import { readBody, schemaOf } from '../http/resource/shapes'
import { pageOfUsers } from './answers'
import { changedUser, newUser, toUser, userItem } from './model'
import { authentication } from './plugin'
import { addUser, changeUser, getUserQuery } from './queries'
import type { AuthServices } from './services'

export function userRoutes(services: AuthServices) {
  const { database, config } = services
  const credentials = services.credentials
  const show = async (id: number) => toUser(await database.read(getUserQuery, id))

  return new Elysia({ name: 'users', prefix: '/users', tags: ['Users'] })
    .use(authentication(services))
    .get('/', async ({ request }) => database.read(pageOfUsers, request), {
      administrator: true,
      detail: describe({
        summary: 'List users',
        reply: pageOf(userItem),
        parameters: pageParameters,
        errors: [404],
        administers: true,
      }),
    })
    .post(
      '/',
      async ({ request, actor, set }) => {
        const body = await receiveBody(request, config)
        const { username, email = '', role = 'member', password } = readBody(newUser, body, config)
        const hash =
          password === undefined ? null : await credentials.hashPassword(password, networkOf(request))
        const { id } = await database.write(addUser, { username, email, role, hash, actor: actor() })
        set.status = 201
        set.headers.location = link(request, 'users', id)
        return show(id)
      },
      {
        parse: 'none',
        administrator: true,
        detail: describe({
          summary: 'Add a user',
          body: schemaOf(newUser),
          status: 201,
          reply: userItem,
          administers: true,
        }),
      },
    )
    .get('/:user/', async ({ params }) => show(rowIdOf(params.user)), {
      administrator: true,
      detail: describe({ summary: 'Show a user', reply: userItem, errors: [404], administers: true }),
    })
    .patch(
      '/:user/',
      async ({ request, params, actor }) => {
        const body = await receiveBody(request, config)
        const { id } = await show(rowIdOf(params.user))
        const { password, ...value } = readBody(changedUser, body, config, { partial: true })
        const hash =
          password === undefined ? {} : { hash: await credentials.hashPassword(password, networkOf(request)) }
        await database.write(changeUser, { id, actor: actor(), value: { ...value, ...hash } })
        return show(id)
      },
      {
        parse: 'none',
        administrator: true,
        detail: describe({
          summary: 'Change a user',
          description: 'To be disabled, or to get another password, ends all sessions of the user.',
          body: schemaOf(changedUser, { partial: true }),
          reply: userItem,
          errors: [404, 409],
          administers: true,
        }),
      },
    )
}
