// What every answer has.

import type { Context } from '../context'

export function commonHeaders({ config }: Pick<Context, 'config'>): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Location, ETag, X-Request-Id',
    'x-content-type-options': 'nosniff',
    ...(config.private && { 'cache-control': 'private, no-cache' }),
  }
}
