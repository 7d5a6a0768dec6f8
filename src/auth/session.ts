// What a signed-in browser holds: the cookie with the secret of its session, and the CSRF token, which only our own
// pages can send.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { cookieIn } from '../http/request/header-lists'

/** A session of a request. */
export interface Session {
  id: number
  secret: string
}

export const COOKIE = 'avocado_session'
export const CSRF_HEADER = 'x-csrf-token'
export const SESSION_SECONDS = 14 * 24 * 3600

export function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** @returns undefined when the request has no such cookie. */
export function sessionSecretOf(request: Request): string | undefined {
  const cookies = request.headers.get('cookie')
  return (cookies && cookieIn(cookies, COOKIE)) || undefined
}

/** `Set-Cookie` for the browser that sent this request. */
export function sessionCookie(secret: string, request: Request): string {
  return cookie(secret, SESSION_SECONDS, request)
}

/** `Set-Cookie` that removes the cookie. */
export function expiredCookie(request: Request): string {
  return cookie('', 0, request)
}

function cookie(value: string, maxAge: number, request: Request): string {
  const limits = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.url.startsWith('https:'),
  } as const
  return new Bun.Cookie({ name: COOKIE, value, maxAge, ...limits }).serialize()
}

/** Derived from the secret, so that nothing more is stored. The secret cannot be derived from the token. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url')
}

export function hasCsrfToken(request: Request, session: Session): boolean {
  const expected = Buffer.from(csrfTokenOf(session.secret))
  const given = Buffer.from(request.headers.get(CSRF_HEADER) ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
