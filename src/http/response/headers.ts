// The headers of every response.

import type { HttpServices } from '../services'

/** For everything but pages, which have their own policy. If a browser shows an answer as a page, no script runs. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function commonHeaders({ config }: Pick<HttpServices, 'config'>): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Location, ETag, X-Request-Id',
    'x-content-type-options': 'nosniff',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'referrer-policy': 'same-origin',
    ...(config.private && { 'cache-control': 'private, no-cache' }),
  }
}
