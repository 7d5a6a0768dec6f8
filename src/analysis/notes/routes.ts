// The routes of /comments/ and /claims/: what people say about failures, and who looks into them.

import { Elysia } from 'elysia'
import type { Actor } from '../../audit/log'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { link } from '../../http/request/links'
import { parametersOf } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import { pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, schemaOf } from '../../http/resource/shapes'
import type { Identity } from '../../lib/identity'
import type { ResultServices } from '../../results/core/services'
import { oneClaim, oneComment, pageOfClaims, pageOfComments, thingOfClaim, thingOfComment } from './answers'
import type { Author } from './author'
import { claim, releaseClaim } from './claims'
import { addComment, changeComment, eraseComment } from './comments'
import {
  changedComment,
  claimBody,
  claimItem,
  claimPage,
  commentBody,
  commentItem,
  commentPage,
  thingFields,
} from './model'

const authorOf = (user: Identity, actor: Actor): Author => ({
  ...actor,
  user: user.id,
  isAdministrator: user.role === 'administrator',
})

export function commentRoutes(services: ResultServices) {
  const { database, config } = services
  return new Elysia({ name: 'comments', prefix: '/comments', tags: ['Analysis'] })
    .use(authentication(services))
    .get('/', async ({ request }) => answer(database, pageOfComments, request, { zone: config.zone }), {
      detail: describe({
        summary: 'List the comments on a failure, a regression or all failures with one reason',
        description: 'The oldest first. Without a parameter all comments, the newest first.',
        reply: commentPage,
        parameters: [...parametersOf(thingFields), ...pageParameters],
        errors: [400, 404, 409],
      }),
    })
    .post(
      '/',
      async ({ request, user, actor, set }) => {
        const { text, ...named } = readBody(commentBody, await receiveBody(request, config), config)
        const about = await database.read(thingOfComment, named)
        const author = authorOf(user, actor())
        const { id } = await database.write(addComment, { ...about, text, author })
        set.status = 201
        set.headers.location = link(request, 'comments', id)
        return database.read(oneComment, id)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Comment on a failure, a regression or all failures with one reason',
          description:
            'The first link of a comment on a failure is carried over: later failures of this test with this reason are ' +
            'incidents of a known issue with the link.',
          body: schemaOf(commentBody),
          status: 201,
          reply: commentItem,
          errors: [404, 409],
          writes: true,
        }),
      },
    )
    .get('/:id/', async ({ params }) => database.read(oneComment, rowIdOf(params.id)), {
      detail: describe({ summary: 'Show a comment', reply: commentItem, errors: [404] }),
    })
    .patch(
      '/:id/',
      async ({ request, params, user, actor }) => {
        const body = await receiveBody(request, config)
        const { id, job, test } = await database.read(oneComment, rowIdOf(params.id))
        const { text } = readBody(changedComment, body, config)
        const failure =
          job === null
            ? undefined
            : (await database.read(thingOfComment, { job, test: String(test) })).failure
        const author = authorOf(user, actor())
        await database.write(changeComment, { id, text, ...(failure && { failure }), author })
        return database.read(oneComment, id)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Change a comment of your own; administrators change any',
          body: schemaOf(changedComment),
          reply: commentItem,
          errors: [404],
          writes: true,
        }),
      },
    )
    .delete(
      '/:id/',
      async ({ params, user, actor, set }) => {
        await database.write(eraseComment, { id: rowIdOf(params.id), author: authorOf(user, actor()) })
        set.status = 204
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Erase a comment of your own; administrators erase any',
          status: 204,
          errors: [404],
          writes: true,
        }),
      },
    )
}

export function claimRoutes(services: ResultServices) {
  const { database, config } = services
  return new Elysia({ name: 'claims', prefix: '/claims', tags: ['Analysis'] })
    .use(authentication(services))
    .get('/', async ({ request }) => answer(database, pageOfClaims, request, { zone: config.zone }), {
      detail: describe({
        summary: 'List who looks into what, or takes it for a false alarm',
        description: 'A thing has one claim at most. Without a parameter all claims, the newest first.',
        reply: claimPage,
        parameters: [...parametersOf(thingFields), ...pageParameters],
        errors: [400, 404, 409],
      }),
    })
    .post(
      '/',
      async ({ request, user, actor, set }) => {
        const { state, text, ...named } = readBody(claimBody, await receiveBody(request, config), config)
        const thing = await database.read(thingOfClaim, named)
        const { id } = await database.write(claim, { thing, state, text, author: authorOf(user, actor()) })
        set.status = 201
        set.headers.location = link(request, 'claims', id)
        return database.read(oneClaim, id)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Claim a failure, a regression or all failures with one reason',
          description:
            'Again by the same user: what was said before is replaced. 409 while somebody else has it.',
          body: schemaOf(claimBody),
          status: 201,
          reply: claimItem,
          errors: [404, 409],
          writes: true,
        }),
      },
    )
    .get('/:id/', async ({ params }) => database.read(oneClaim, rowIdOf(params.id)), {
      detail: describe({ summary: 'Show a claim', reply: claimItem, errors: [404] }),
    })
    .delete(
      '/:id/',
      async ({ params, user, actor, set }) => {
        await database.write(releaseClaim, { id: rowIdOf(params.id), author: authorOf(user, actor()) })
        set.status = 204
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Release a claim of your own; administrators release any',
          status: 204,
          errors: [404],
          writes: true,
        }),
      },
    )
}
