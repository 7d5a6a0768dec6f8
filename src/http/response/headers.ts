// What every answer has.

import type { HttpServices } from '../services'

/** Pages have a policy of their own; nothing else is one, and what a browser shows as one all the same does nothing. */
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
