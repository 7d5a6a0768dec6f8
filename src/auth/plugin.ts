// Who sends a request, and what they may do. Every route knows its `user`; those that change something say
// `writer: true`.

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
    if (token !== undefined) {
      const user = credentials.byToken(token)
      if (!user) throw unauthorized(request, WRONG_CREDENTIALS)
      return user
    }
    const basic = /^basic\s+(.*)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (basic === undefined) return undefined
    const [username, password] = splitOnce(Buffer.from(basic, 'base64').toString(), ':')
    // avocado-journal-replay without -u sends the Python value None as both.
    if (config.open && username === 'None' && password === 'None') return undefined
    const user = await credentials.byPassword(username, password)
    if (!user) throw unauthorized(request, WRONG_CREDENTIALS)
    return user
  }

  return new Elysia({ name: 'authentication' })
    .use(bearer({ extract: { header: 'Bearer', query: '', body: '' } }))
    .resolve({ as: 'global' }, async ({ request, bearer }) => {
      const user = await identify(request, bearer)
      if (!user && config.private && request.method !== 'OPTIONS' && !PUBLIC_PATHS.has(pathOf(request))) {
        throw unauthorized(request, MISSING_CREDENTIALS)
      }
      return { user }
    })
    .macro({
      writer: (_: true) => ({
        beforeHandle({ request, user, bearer }) {
          if (!user && !config.open) throw unauthorized(request, MISSING_CREDENTIALS)
          if (isForeignForm(request) && bearer === undefined) {
            throw new Forbidden('A page of another site sent this form: only a token may do that.')
          }
        },
      }),
    })
}

/**
 * A form that a page of another site makes the browser send would bear the password that the browser remembers.
 * Browsers ask us first (CORS) before they send anything but a form for such a page.
 */
function isForeignForm(request: Request): boolean {
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
