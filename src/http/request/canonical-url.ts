// Whether a URL is spelled as anybody would spell it. Most can be spelled in very many ways that mean the same.

import { pathOf } from './links'

/** Letters, digits, `-`, `.`, `_` and `~`, of which RFC 3986 says that they are not to be encoded; hexadecimal in lower case. */
const NEEDLESS_ENCODING = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]|.?[a-f])/

/**
 * Whether the query has none but these parameters, each once, with a value and under its plain name, and nothing in the
 * URL is encoded without need.
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
