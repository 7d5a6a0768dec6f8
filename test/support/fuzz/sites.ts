// The kinds of server that requests are sent to, and what must hold at each of them beside what holds everywhere:
// which hosts are answered to, what links and cookies are made of, what is open to nobody.

import { SPOOFED } from './addresses'
import { isOfOtherHost } from './answers'
import type { ApiDocument } from './document'
import type { Request } from './requests'
import type { Reply } from './send'
import type { Sender } from './senders'

export interface Site {
  name: string
  /** Of all requests. */
  share: number
  /** For `runserver`, beside those that all have. */
  flags: string[]
}

/** As makeCertificate() makes it. */
export const CERTIFICATE = 'server'
const TLS = ['--tls-cert', `${CERTIFICATE}.crt`, '--tls-key', `${CERTIFICATE}.key`]
const PRIVATE = '--private'
const PROXY = '--trust-proxy'
const HOSTS = '--allowed-hosts'
/** With that of the server itself, to which all is sent that says nothing else. */
const ALLOWED = [HOSTS, '127.0.0.1,lab.example,.labs.example']
const IS_ALLOWED = /^(127\.0\.0\.1|lab\.example|([\w.-]*\.)?labs\.example)\.?(:\d{1,5})?$/i

/** The first one opens its description to everybody. */
export const sites: Site[] = [
  { name: 'plain', share: 0.4, flags: [] },
  { name: 'private', share: 0.15, flags: [PRIVATE] },
  { name: 'TLS', share: 0.1, flags: TLS },
  { name: 'behind a proxy', share: 0.1, flags: [PROXY] },
  { name: 'of allowed hosts', share: 0.1, flags: ALLOWED },
  { name: 'all of it', share: 0.15, flags: [PRIVATE, ...TLS, PROXY, ...ALLOWED] },
]

/** What a request was sent to, as this kind of server has to see it. */
function addressee({ flags }: Site, origin: string, { headers }: Request): { scheme: string; host: string } {
  const { protocol, host } = new URL(origin)
  const last = (name: string) =>
    flags.includes(PROXY) ? headers[name]?.split(',').at(-1)?.trim() : undefined
  const scheme = last('x-forwarded-proto') ?? ''
  return {
    scheme: /^https?$/.test(scheme) ? scheme : protocol.slice(0, -1),
    host: last('x-forwarded-host') || (headers.host ?? host),
  }
}

/** @returns what is wrong with an answer of this kind of server, which sits at `origin`. */
export function faultsAt(
  site: Site,
  origin: string,
  document: ApiDocument,
  { request, sender, reply }: { request: Request; sender: Sender; reply: Reply },
): string[] {
  const { status, headers } = reply
  if (!headers.has('access-control-allow-origin')) return [] // Bun's own
  const { scheme, host } = addressee(site, origin, request)
  const isRefused = isOfOtherHost(request.method, reply)
  if (site.flags.includes(HOSTS) && !IS_ALLOWED.test(host)) {
    return isRefused || status === 414 ? [] : [`${status} for a host that is not allowed`]
  }
  const isName = host.length <= 270 && /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host)
  return [
    ...(isRefused && request.method !== 'HEAD' ? ['a host that is allowed is refused'] : []),
    ...linkFaults(`${scheme}://${isName ? host : 'localhost'}`, reply),
    ...cookieFaults(scheme, headers),
    ...(sender.role === undefined ? openFaults(site, document, request, reply) : []),
  ]
}

/** What begins as a link to the server does; hosts that no request names are of what was stored. */
const OURS = /^$|localhost|127\.0\.0\.1|\.invalid|\.example/i

function linkFaults(expected: string, { status, headers, text }: Reply): string[] {
  const isOurs = status < 400 && /json|shellscript/.test(headers.get('content-type') ?? '')
  const said = [headers.get('location') ?? '', isOurs ? text : '']
  const links = said.flatMap((part) => [...part.matchAll(/https?:\/\/([^/"'\s\\<>}]*)/g)])
  return links
    .filter(([link, host = '']) => OURS.test(host) && link !== expected)
    .slice(0, 1)
    .map(([link]) => `a link to ${link}, and not to ${expected}`)
}

/** @returns what is wrong with the cookies that an answer sets, when the client speaks `scheme`. */
export function cookieFaults(scheme: string, headers: Headers): string[] {
  return headers
    .getSetCookie()
    .filter((cookie) => {
      const isGuarded = ['HttpOnly', 'SameSite=Strict', 'Path=/'].every((part) =>
        cookie.includes(`; ${part}`),
      )
      return !isGuarded || cookie.includes('; Secure') !== (scheme === 'https')
    })
    .map((cookie) => `a cookie by ${scheme}: ${cookie.replace(/=[^;]*/, '=...')}`)
}

/** What is open with --private, too. */
const PUBLIC = /^\/+(version|health|ready|dashboard(\/.*)?|auth\/(login|logout|me))\/?$/

/** What is said to those who are not known yet. */
const REFUSALS = [400, 401, 414, 429, 503]

/** Of those whom the server does not know. */
function openFaults(
  { flags }: Site,
  document: ApiDocument,
  { method, target, template }: Request,
  { status, headers, text }: Reply,
): string[] {
  const path = new URL(target.replace(/^\/+/, '/'), 'http://a').pathname
  const isMe = /^\/auth\/me\/?$/.test(path) && method === 'GET' && status === 200
  if (isMe && !/"user":\s*null/.test(text)) return ['nobody is somebody']
  if (method === 'OPTIONS') return []
  const isReading = ['GET', 'HEAD'].includes(method)
  if (PUBLIC.test(path) || (isReading && !flags.includes(PRIVATE))) return []
  if (path === '/' && status === 302 && headers.get('location') === '/dashboard/') return []
  if (status < 400) return [`${status} for nobody`]
  // Whether something is there is not told either. Clients of ResultsDB have their token in the body: that is read.
  const isAsked = document.find(method, template ?? document.templateOf(path) ?? '') !== undefined
  const isRefused = REFUSALS.includes(status) || (path.startsWith('/api/') && [413, 415].includes(status))
  return isAsked && !isRefused ? [`${status} before credentials are asked for`] : []
}

/** @returns those of the addresses in the audit log that cannot be where a request came from. */
export function forgedAmong({ flags }: Site, said: string[]): string[] {
  const isOurs = (address: string) => address === '-' || address.startsWith('127.')
  return said.filter((address) => (flags.includes(PROXY) ? address === SPOOFED : !isOurs(address)))
}
