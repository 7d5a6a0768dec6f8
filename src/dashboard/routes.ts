// Serves the dashboard at /dashboard/ and at every address below it. All of them get the same page, whose script shows
// what the address names and loads the data from the API.

import { Elysia } from 'elysia'
import { pathOf } from '../http/request/links'
import { unknownPage } from '../http/response/errors'
import { BASE, loadAssets } from './assets'

// Only our own scripts run, and the page sends requests to no other host, whatever text the data contains.
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
    // A name with an unknown hash: a page of another version asks for one of its files.
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
