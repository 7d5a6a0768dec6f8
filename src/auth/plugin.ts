// Who sends a request, and what they may do. Every route knows its `user`; those that change something say
// `writer: true`.

import { randomUUID } from 'node:crypto'
import { bearer } from '@elysiajs/bearer'
import { Elysia } from 'elysia'
import type { Context } from '../context'
import { Forbidden, MISSING_CREDENTIALS, Unauthorized } from '../http/errors'
import { pathOf } from '../http/links'
import { Credentials, type Identity } from './credentials'

const WRONG_CREDENTIALS = 'Invalid username/password.'

/** With --private, what can be read all the same. */
const PUBLIC_PATHS = new Set(['/version/', '/version'])

export function authentication(context: Context) {
  const { config } = context
  const credentials = new Credentials(context)

  async function identify(request: Request, token: string | undefined): Promise<Identity | undefined> {
    const [, scheme, value] =
      /^(basic|bearer)\b\s*(.*)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    if (value === undefined) return undefined
    if (scheme?.toLowerCase() === 'bearer') {
      const user = credentials.byToken(token ?? value)
      if (!user) throw unauthorized(request, WRONG_CREDENTIALS)
      return user
    }
    const [username, password] = splitOnce(Buffer.from(value, 'base64').toString(), ':')
    // avocado-journal-replay without -u sends the Python value None as both.
    if (config.open && username === 'None' && password === 'None') return undefined
    const user = await credentials.byPassword(username, password)
    if (!user) throw unauthorized(request, WRONG_CREDENTIALS)
    return user
  }

  return (
    new Elysia({ name: 'authentication' })
      // A token in a URL would end up in logs: no query has this name.
      .use(bearer({ extract: { header: 'Bearer', query: randomUUID(), body: randomUUID() } }))
      .resolve({ as: 'global' }, async ({ request, bearer }) => {
        const user = await identify(request, bearer)
        if (!user && config.private && request.method !== 'OPTIONS' && !PUBLIC_PATHS.has(pathOf(request))) {
          throw unauthorized(request, MISSING_CREDENTIALS)
        }
        return { user }
      })
      .macro({
        writer: (_: true) => ({
          beforeHandle({ request, user }) {
            if (!user && !config.open) throw unauthorized(request, MISSING_CREDENTIALS)
            if (isForeignForm(request)) {
              throw new Forbidden('A page of another site sent this form: only a token may do that.')
            }
          },
        }),
      })
  )
}

/**
 * A form that a page of another site makes the browser send would bear the password that the browser remembers.
 * Browsers ask us first (CORS) before they send anything but a form for such a page. A token is never remembered.
 */
export function isForeignForm(request: Request): boolean {
  if (/^bearer\b/i.test(request.headers.get('authorization') ?? '')) return false
  if (request.method !== 'POST' || request.headers.get('sec-fetch-site') !== 'cross-site') return false
  return !/^application\/json\b/i.test(request.headers.get('content-type') ?? '')
}

function unauthorized(request: Request, detail: string): Unauthorized {
  return new Unauthorized(detail, request.headers.get('sec-fetch-site') !== 'same-origin')
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
