// Checks that a URL is in its canonical form. Most URLs can be written in very many ways.

import { pathOf } from './links'

/** Encoded letters, digits, `-`, `.`, `_` and `~`, which RFC 3986 wants unencoded; lower-case hexadecimal digits. */
const NEEDLESS_ENCODING = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]|.?[a-f])/

/**
 * Whether the query has only these parameters, each at most once, with `=` and an unencoded name, and whether nothing
 * in the URL is encoded without need.
 */
export function isCanonicalUrl(request: Request, parameters: ReadonlySet<string>): boolean {
  const query = request.url.indexOf('?')
  if (NEEDLESS_ENCODING.test(query < 0 ? pathOf(request) : pathOf(request) + request.url.slice(query)))
    return false
  if (query < 0) return true
  const names = new Set<string>()
  for (const part of request.url.slice(query + 1).split('&')) {
    const end = part.indexOf('=')
    const name = part.slice(0, Math.max(0, end))
    if (names.has(name) || !parameters.has(name)) return false
    names.add(name)
  }
  return true
}
