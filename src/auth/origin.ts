// Whose page made a browser send a request.

import { CSRF_HEADER } from './session'

/**
 * A form that a page of another site makes the browser send would bear the password that the browser remembers.
 * Browsers ask us first (CORS) before they send anything but a form for such a page. A token is never remembered.
 */
export function isCrossOriginForm(request: Request): boolean {
  if (/^bearer\b/i.test(request.headers.get('authorization') ?? '')) return false
  if (request.method !== 'POST') return false
  return isCrossOrigin(request) && !/^application\/json\b/i.test(request.headers.get('content-type') ?? '')
}

/**
 * Whether a page of another origin sent this, one of another port on the same machine or of another name in the same
 * domain included. No page can write Sec-Fetch-Site itself; browsers leave it out where there is no TLS, and then send
 * Origin. Its scheme does not count: with a proxy in front of us that speaks TLS it is not ours.
 */
export function isCrossOrigin({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && origin.replace(/^https?:\/\//, '') !== headers.get('host')?.toLowerCase()
}

/**
 * Whether a script of our own pages sent this. They send the header for that, even where they have no value for it:
 * without TLS there is no Sec-Fetch-Site.
 */
export function isSameOriginScript({ headers }: Request): boolean {
  return headers.get('sec-fetch-site') === 'same-origin' || headers.has(CSRF_HEADER)
}

/** A browser asks for a page to show, as when a person typed the address; programs take JSON. */
export function prefersHtml(request: Request): boolean {
  return /^\s*text\/html\b/i.test(request.headers.get('accept') ?? '')
}
