// Authentication of requests, and the rights that routes ask for. Every handler gets `user`. A route that not everybody
// may use has `writer: true`, `member: true`, `signedIn: true`, `self: true` or `administrator: true`.

import { Elysia } from 'elysia'
import { type Actor, actorOf } from '../audit/log'
import { networkOf } from '../http/request/client-address'
import { isProbe, pathOf } from '../http/request/links'
import { requestContext } from '../http/request/request-context'
import { MISSING_CREDENTIALS, Unauthorized } from '../http/response/errors'
import { Busy, Forbidden, TooMany } from '../lib/errors'
import type { Identity } from '../lib/identity'
import { isAtMost } from '../lib/roles'
import { isCrossOriginForm, isSameOriginScript, prefersHtml } from './origin'
import { requireRight, rightFor } from './rights'
import type { AuthServices } from './services'
import { hasCsrfToken, type Session, sessionSecretOf } from './session'

export const WRONG_CREDENTIALS = 'Invalid username/password.'
const WRONG_TOKEN = 'Invalid token.'

/** Sign-in ignores the cookie of an earlier session, and checks the origin of the request itself. */
export const LOGIN_PATH = '/auth/login/'

/** Paths that need no credentials, even with --private. */
const PUBLIC_PATHS = new Set([
  ...['/version/', '/health/', '/ready/'],
  ...[LOGIN_PATH, '/auth/logout/', '/auth/me/'],
])
/** The dashboard itself holds no data, and people sign in there. */
const PUBLIC_PREFIX = '/dashboard/'

/** Who sent a request. `session`: set for a browser that is signed in. */
type Sender = {
  user: Identity | undefined
  session: Session | undefined
  /** A token was sent, not a password or a cookie. */
  byToken: boolean
  /** Checks the credentials again, during a long request. undefined: they are not valid any more. */
  recheck: () => Promise<Identity | undefined>
}

const ANONYMOUS: Sender = {
  user: undefined,
  session: undefined,
  byToken: false,
  recheck: async () => undefined,
}

export function authentication(services: AuthServices) {
  const { config } = services
  const credentials = services.credentials
  const failedLogins = services.failedLogins

  function refused(request: Request, what: 'password' | 'token'): Unauthorized {
    credentials.refused[what]++
    return unauthorized(request, what === 'token' ? WRONG_TOKEN : WRONG_CREDENTIALS)
  }

  async function authenticateHeader(request: Request, header: string): Promise<Sender> {
    const [, scheme] = /^(basic|bearer)\b/i.exec(header) ?? []
    if (scheme === undefined) return ANONYMOUS
    const value = header.slice(scheme.length).trim()
    if (scheme.toLowerCase() === 'bearer') {
      const user = await credentials.byToken(value)
      if (!user) throw refused(request, 'token')
      return { user, session: undefined, byToken: true, recheck: () => credentials.byToken(value) }
    }
    const [username, password] = splitOnce(Buffer.from(value, 'base64').toString(), ':')
    // avocado-journal-replay without -u sends the Python value None as both.
    if (config.open && username === 'None' && password === 'None') return ANONYMOUS
    const user = await credentials.byPassword(username, password, () => networkOf(request))
    if (!user) {
      await failedLogins.add(actorOf(request, undefined, services.clock()), username)
      throw refused(request, 'password')
    }
    return { user, session: undefined, byToken: false, recheck: () => credentials.recheckUser(user) }
  }

  /** Browsers add cookies by themselves, so a request that changes something must prove that our own page sent it. */
  async function authenticateCookie(request: Request): Promise<Sender> {
    const secret = sessionSecretOf(request)
    const known =
      secret !== undefined &&
      withTrailingSlash(request) !== LOGIN_PATH &&
      (await credentials.bySession(secret))
    if (!known) return ANONYMOUS
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !hasCsrfToken(request, known.session)) {
      throw new Forbidden('X-CSRF-Token is missing or of another session: reload the page and try again.')
    }
    return { ...known, byToken: false, recheck: async () => (await credentials.bySession(secret))?.user }
  }

  async function senderOf(request: Request): Promise<Sender> {
    const header = request.headers.get('authorization')
    if (header === null) return authenticateCookie(request)
    try {
      return await authenticateHeader(request, header)
    } catch (error) {
      // Probes are answered even while passwords cannot be checked.
      if ((error instanceof Busy || error instanceof TooMany) && isProbe(request)) return ANONYMOUS
      throw error
    }
  }

  /** Refuses forms of other sites, and what needs room when the disk has none. */
  function requireWritable(request: Request): void {
    refuseCrossOriginForm(request)
    if (request.method !== 'DELETE') services.diskSpace.require() // deleting may free space
  }

  return new Elysia({ name: 'authentication' })
    .resolve({ as: 'global' }, async ({ request }): Promise<Sender & { actor: () => Actor }> => {
      const sender = await senderOf(request)
      const closed = config.private && request.method !== 'OPTIONS' && !isPublic(request)
      requestContext(request).user = sender.user?.username
      if (!sender.user && closed) throw unauthorized(request, MISSING_CREDENTIALS)
      return { ...sender, actor: () => actorOf(request, sender.user, services.clock()) }
    })
    .macro({
      writer: (_: true) => ({
        beforeHandle({ request, user, recheck, params }) {
          if (!user && !config.open) throw unauthorized(request, MISSING_CREDENTIALS)
          requireRight(
            user,
            rightFor(request.method, (params as { job?: string } | undefined)?.job !== undefined),
          )
          requireWritable(request)
          recheckRightDuringBody(request, user, recheck)
        },
      }),
      /** For what members decide about results. --open does not lift this: it lets anyone add results alone. */
      member: (_: true) => ({
        resolve({ request, user, recheck }) {
          if (!user) throw unauthorized(request, MISSING_CREDENTIALS)
          requireRight(user, 'change what others made')
          requireWritable(request)
          recheckRightDuringBody(request, user, recheck)
          return { user }
        },
      }),
      /** For the signed-in user's own settings. --open does not lift this. */
      signedIn: (_: true) => ({
        resolve({ request, user, recheck }) {
          if (!user) throw unauthorized(request, MISSING_CREDENTIALS)
          refuseCrossOriginForm(request)
          recheckRightDuringBody(request, user, recheck)
          return { user }
        },
      }),
      /** For the user that the path names, and for administrators. */
      self: (_: true) => ({
        resolve({ request, user, recheck, byToken, params }) {
          if (!user) throw unauthorized(request, MISSING_CREDENTIALS)
          if (user.role !== 'administrator') {
            if (String(user.id) !== (params as { user?: string }).user) throw new Forbidden()
            // With a stolen token one could make others, which would stay valid when the stolen one is revoked.
            if (byToken) throw new Forbidden('A token manages no tokens: sign in, or send your password.')
          }
          refuseCrossOriginForm(request)
          recheckRightDuringBody(request, user, recheck)
          return { user }
        },
      }),
      administrator: (_: true) => ({
        resolve({ request, user, recheck }) {
          if (!user) throw unauthorized(request, MISSING_CREDENTIALS)
          if (user.role !== 'administrator') throw new Forbidden()
          refuseCrossOriginForm(request)
          recheckRightDuringBody(request, user, recheck)
          return { user }
        },
      }),
    })
}

/**
 * Makes the reader of the body check, while it arrives, that the user still has the right to send it. An anonymous
 * sender's right, where anyone may write, does not end.
 */
export function recheckRightDuringBody(
  request: Request,
  user: Identity | undefined,
  recheck: () => Promise<Identity | undefined>,
): void {
  if (!user) return
  requestContext(request).requireRight = async () => {
    const now = await recheck()
    if (!now) throw unauthorized(request, 'Your credentials ended while this was being sent.')
    if (!isAtMost(user.role, now.role))
      throw new Forbidden('Your role was lowered while this was being sent.')
  }
}

function isPublic(request: Request): boolean {
  const path = withTrailingSlash(request)
  const leadsToPage = path === '/' && prefersHtml(request)
  return PUBLIC_PATHS.has(path) || path.startsWith(PUBLIC_PREFIX) || leadsToPage
}

function refuseCrossOriginForm(request: Request): void {
  if (isCrossOriginForm(request)) {
    throw new Forbidden('A page of another site sent this form: only a token may do that.')
  }
}

function withTrailingSlash(request: Request): string {
  const path = pathOf(request)
  return path.endsWith('/') ? path : `${path}/`
}

function unauthorized(request: Request, detail: string): Unauthorized {
  return new Unauthorized(detail, !isSameOriginScript(request))
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
