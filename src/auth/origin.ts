// Tells requests of our own pages from those that pages of other sites make a browser send.

import { CSRF_HEADER } from './session'

/**
 * Whether a page of another site made the browser send a form. The browser would add the password that it remembers.
 * Before it sends anything but a form for such a page, it asks us (CORS). No browser remembers a bearer token.
 */
export function isCrossOriginForm(request: Request): boolean {
  if (/^bearer\b/i.test(request.headers.get('authorization') ?? '')) return false
  if (request.method !== 'POST') return false
  return isCrossOrigin(request) && !/^application\/json\b/i.test(request.headers.get('content-type') ?? '')
}

/**
 * Whether a page of another origin sent the request. Another port of the same machine or another name in the same
 * domain is another origin. No page can set Sec-Fetch-Site itself. Without TLS browsers leave it out, and send Origin.
 * The scheme of Origin is ignored, because a proxy in front of us may speak TLS.
 */
export function isCrossOrigin({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = headers.get('origin')
  return origin !== null && origin.replace(/^https?:\/\//, '') !== headers.get('host')?.toLowerCase()
}

/**
 * Whether a script of our own pages sent the request. Our scripts always send the CSRF header, even without a value,
 * because browsers leave Sec-Fetch-Site out where there is no TLS.
 */
export function isSameOriginScript({ headers }: Request): boolean {
  return headers.get('sec-fetch-site') === 'same-origin' || headers.has(CSRF_HEADER)
}

/** Whether a browser asks for a page to show, as when a person types the address. Programs ask for JSON. */
export function prefersHtml(request: Request): boolean {
  return /^\s*text\/html\b/i.test(request.headers.get('accept') ?? '')
}
