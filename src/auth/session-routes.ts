// The routes below /auth/: sign in, sign out, show who is signed in, change one's own password.

import { Elysia } from 'elysia'
import { actorOf } from '../audit/log'
import { describe } from '../http/openapi/documentation'
import { receiveBody } from '../http/request/body'
import { networkOf } from '../http/request/client-address'
import { readBody, schemaOf } from '../http/resource/shapes'
import { Unauthorized } from '../http/response/errors'
import { jsonResponse } from '../http/response/json'
import { Forbidden, Invalid } from '../lib/errors'
import { hashToken } from './credentials'
import { passwordChange, senderItem, signIn, toSender } from './model'
import { isCrossOrigin } from './origin'
import { authentication, LOGIN_PATH, WRONG_CREDENTIALS } from './plugin'
import { setPassword } from './queries'
import type { AuthServices } from './services'
import {
  csrfTokenOf,
  expiredCookie,
  makeSecret,
  SESSION_SECONDS,
  sessionCookie,
  sessionSecretOf,
} from './session'
import { addSession, deleteSession } from './session-queries'

export function sessionRoutes(services: AuthServices) {
  const { database, config, clock } = services
  const credentials = services.credentials
  const failedLogins = services.failedLogins
  const unidentifiedBodies = services.unidentifiedBodies
  const wrongCredentials = () => {
    credentials.refused.password++
    // No challenge, or the browser's own password box would cover the form.
    return new Unauthorized(WRONG_CREDENTIALS, false)
  }

  /** Begins a session, which replaces the browser's former one. @returns the user and the session's secret. */
  const beginSession = async (request: Request, username: string, password: string) => {
    const user = await credentials.byPassword(username, password, () => networkOf(request))
    if (!user || user.passwordHash === null) {
      await failedLogins.add(actorOf(request, undefined, clock()), username)
      throw wrongCredentials()
    }
    const [secret, replaced, actor] = [
      makeSecret(),
      sessionSecretOf(request),
      actorOf(request, user, clock()),
    ]
    const begun = await database.write(addSession, {
      user: user.id,
      passwordHash: user.passwordHash,
      hash: hashToken(secret),
      actor,
      expires: actor.at + SESSION_SECONDS * 1_000_000,
      replaced: replaced === undefined ? null : hashToken(replaced),
    })
    if (!begun) throw wrongCredentials()
    return { user, secret }
  }

  return new Elysia({ name: 'sessions', tags: ['Users'] })
    .onTransform(({ set }) => {
      set.headers['cache-control'] = 'no-store'
    })
    .use(authentication(services))
    .post(
      LOGIN_PATH,
      async ({ request }) => {
        if (isCrossOrigin(request)) {
          throw new Forbidden('A page of another site sent this: sign in on a page of this server.')
        }
        const body = await unidentifiedBodies.read(request, (limits) => receiveBody(request, limits, {}))
        const { username, password } = readBody(signIn, body, config)
        const { user, secret } = await beginSession(request, username, password)
        // In the response itself: Elysia would send a cookie from `set` twice.
        const headers = { 'set-cookie': sessionCookie(secret, request) }
        return jsonResponse(toSender(user, csrfTokenOf(secret), config), request, { headers })
      },
      {
        parse: 'none',
        detail: describe({
          summary: 'Sign in: a cookie for 14 days',
          description: 'Not for pages of other sites (403).',
          body: schemaOf(signIn),
          reply: senderItem,
          errors: [403],
        }),
      },
    )
    .post(
      '/auth/logout/',
      async ({ request, session, actor }) => {
        if (session) await database.write(deleteSession, { hash: hashToken(session.secret), actor: actor() })
        // A page of another site cannot send the cookie, and so cannot sign the user out.
        const headers = sessionSecretOf(request) === undefined ? {} : { 'set-cookie': expiredCookie(request) }
        return new Response(null, { status: 204, headers })
      },
      { parse: 'none', detail: describe({ summary: 'Sign out', status: 204, errors: [403] }) },
    )
    .get(
      '/auth/me/',
      ({ user, session }) => toSender(user, session ? csrfTokenOf(session.secret) : null, config),
      { detail: describe({ summary: 'Who is signed in, and who may do what', reply: senderItem }) },
    )
    .post(
      '/auth/password/',
      async ({ request, user, session, actor, set }) => {
        const body = await receiveBody(request, config)
        const change = readBody(passwordChange, body, config)
        const network = networkOf(request)
        if (!(await credentials.byPassword(user.username, change.current_password, () => network))) {
          throw new Invalid({ current_password: 'This is not your password.' })
        }
        const hash = await credentials.hashPassword(change.new_password, network)
        await database.write(setPassword, {
          username: user.username,
          hash,
          keep: session?.id,
          actor: actor(),
        })
        set.status = 204
      },
      {
        parse: 'none',
        signedIn: true,
        detail: describe({
          summary: "Change one's own password: all other sessions end",
          body: schemaOf(passwordChange),
          status: 204,
          writes: true,
        }),
      },
    )
}
