// The routes of /triage/: what is new, and what is not, by cause.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { parametersOf } from '../../http/request/query'
import { pageParametersOf } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, schemaOf } from '../../http/resource/shapes'
import { etagOf } from '../../http/response/entity-tag'
import { answerText, JsonText } from '../../http/response/json'
import { Invalid } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import { formatTime, HOUR, type Microseconds } from '../../lib/time'
import type { ResultServices } from '../../results/core/services'
import { testsOfCause, triage } from './answers'
import { markLooked, readLookedAt } from './looked'
import { causeTestPage, lookedBody, lookedItem, PAGE_SIZE, triageItem, triageQuery } from './model'
import { type Given, windowQuery } from './window'

/** By how much the clock of a browser, or of another server behind one name, may be ahead. */
const AHEAD: Microseconds = HOUR

/** The begin and end of the window, which the text of an answer begins with. */
const TIMES = /"from":\s*"[^"]*",\s*"to":\s*"[^"]*"/

export function triageRoutes(services: ResultServices) {
  const { database, config, clock } = services
  const lookedAtOf = (user: Identity) => database.read(readLookedAt, user.id)
  const given = async (user: Identity | undefined): Promise<Given> => ({
    zone: config.zone,
    now: clock(),
    ...(user && { looked: await lookedAtOf(user) }),
  })
  return new Elysia({ name: 'triage', prefix: '/triage', tags: ['Analysis'] })
    .use(authentication(services))
    .get(
      '/',
      async ({ request, user, set }) => {
        const found = await answer(database, triage, request, await given(user))
        // The ETag is weak and does not cover the window, which moves: so unchanged causes are not sent again.
        const text = answerText(found, request)
        set.headers.etag = `W/${etagOf(text.replace(TIMES, ''))}`
        return new JsonText(text)
      },
      {
        detail: describe({
          summary: 'What fails, by cause: what is new, still fails, was fixed, never passed, or is flaky',
          description:
            'The list to work through in the morning. A cause is one fail reason, without what differs from run to run, and ' +
            'all tests that fail for it. Each failure of the window belongs to one cause. States are those of now.',
          reply: triageItem,
          parameters: [...parametersOf(triageQuery), ...pageParametersOf(PAGE_SIZE)],
          errors: [400, 404, 409],
        }),
      },
    )
    .get(
      '/:cause/tests/',
      async ({ request, user, params }) =>
        answer(database, testsOfCause, request, { ...(await given(user)), cause: params.cause }),
      {
        detail: describe({
          summary: 'The tests of one cause, each with the hosts on which it fails',
          description: 'Wants the same window as the list that named the cause.',
          reply: causeTestPage,
          parameters: [...parametersOf(windowQuery), ...pageParametersOf(PAGE_SIZE)],
          errors: [400, 404, 409],
        }),
      },
    )
    .get('/looked/', async ({ user }) => toLooked(await lookedAtOf(user)), {
      signedIn: true,
      detail: describe({
        summary: 'When you looked at the list last',
        reply: lookedItem,
        administers: true,
      }),
    })
    .post(
      '/looked/',
      async ({ request, user }) => {
        const body = await receiveBody(request, config)
        const now = clock()
        const { time = now } = readBody(lookedBody, body, config)
        if (time !== null && time > now + AHEAD) {
          throw new Invalid({ time: 'This time has not come yet: send the `window.to` of an answer.' })
        }
        await database.write(markLooked, { user: user.id, time })
        return toLooked(time)
      },
      {
        parse: 'none',
        signedIn: true,
        detail: describe({
          summary: 'Mark the list as looked at: `since=looked` counts from there',
          description:
            'Each user has an own mark. It is of no use to anybody else, so every role may set it.',
          body: schemaOf(lookedBody),
          reply: lookedItem,
          writes: true,
        }),
      },
    )
}

function toLooked(time: Microseconds | null) {
  return { looked_at: time === null ? null : formatTime(time) }
}
