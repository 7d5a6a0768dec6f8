// The dashboard for browsers: /dashboard/ and whatever is below it. It is one page, which shows what its address
// says and asks the API for it.

import { Elysia } from 'elysia'
import { pathOf } from '../http/request/links'
import { unknownPage } from '../http/response/errors'
import { BASE, loadAssets } from './assets'

// No script but our own files runs, and nothing is asked of another host, whatever the data holds.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'", // reports of jobs, each in a sandbox
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function dashboardRoutes() {
  const show = async ({ request, set }: { request: Request; set: { headers: object } }) => {
    const { page, files } = await loadAssets()
    const headers = { ...(set.headers as Record<string, string>) }
    const name = pathOf(request).slice(BASE.length)
    const file = files.get(name)
    if (file) {
      return file.content.answer(request, { ...headers, 'content-type': file.type, 'cache-control': FOREVER })
    }
    // A name with a hash that this version does not have: a page of another version asks for it.
    if (/^[\w-]+-[a-z0-9]{8}\.\w+$/.test(name)) return unknownPage(pathOf(request), headers)
    return page.content.answer(request, {
      ...headers,
      'content-type': page.type,
      'cache-control': 'no-cache',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    })
  }
  const hidden = { detail: { hide: true } }
  return new Elysia({ name: 'dashboard' }).get('/dashboard', show, hidden).get(`${BASE}*`, show, hidden)
}

const FOREVER = 'public, max-age=31536000, immutable'
