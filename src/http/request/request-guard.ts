// Checks requests before Elysia's router sees them: refuses those that no route may get, and rewrites URLs that the
// router would misread.

import { BadRequest, Busy } from '../../lib/errors'
import { errorResponse, HttpError } from '../response/errors'
import { commonHeaders } from '../response/headers'
import { instrument } from '../response/instrument'
import type { HttpServices } from '../services'
import { forwardedAddress } from './client-address'
import { isHost, isProbe, startOfPath } from './links'
import { type AddressedHandler, ID_HEADER, idOf } from './request-context'

/** The part of Bun's server that the app uses. */
export type Listener = Pick<Bun.Server<undefined>, 'requestIP' | 'pendingRequests' | 'protocol'>

export type Handler = (request: Request, listener?: Listener) => Response | Promise<Response>

/** The length of the path and the query. Bun itself refuses headers of more than 16 KiB, with 431. */
const MAX_URL = 8192
const MAX_PARAMETERS = 100

/**
 * Passes acceptable requests to `handle`. With --trust-proxy a request gets the scheme and the host that the client
 * sent to the proxy. URLs that Elysia would misread are rewritten.
 */
export function requestGuard(services: HttpServices, handle: AddressedHandler): Handler {
  const { config } = services
  return (request, listener) => {
    const sent = config.trustProxy ? asSentToProxy(request) : request
    try {
      requireShortUrl(request)
      requireKnownHost(sent, config.allowedHosts)
      if (listener && listener.pendingRequests > config.maxRequests && !isProbe(request)) {
        throw new Busy('Too many requests are under way (--max-requests): try again in a second.', 1)
      }
    } catch (error) {
      const headers = { ...commonHeaders(services), [ID_HEADER]: idOf(request) }
      return instrument(services, () => errorResponse(error, request, services, headers))(request)
    }
    const routable = withRoutableUrl(sent, listener)
    if (!listener) return handle(routable)
    const header = config.trustProxy ? request.headers.get('x-forwarded-for') : null
    return handle(routable, () => forwardedAddress(header) ?? listener.requestIP(request)?.address)
  }
}

function requireShortUrl(request: Request): void {
  const length = request.url.length - startOfPath(request.url)
  if (length > MAX_URL) {
    throw new HttpError(414, { detail: `The URL is longer than ${MAX_URL} characters.` })
  }
  if (length <= MAX_PARAMETERS) return
  const parameters = request.url.split('&', MAX_PARAMETERS + 1).length
  if (parameters > MAX_PARAMETERS) {
    throw new BadRequest(`The query has more than ${MAX_PARAMETERS} parameters.`)
  }
}

/** Works as Django's ALLOWED_HOSTS: `.name` allows a domain with its subdomains, and the port does not matter. */
function requireKnownHost({ headers }: Request, allowed: readonly string[] | undefined): void {
  if (!allowed) return
  const host = headers.get('host') ?? ''
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  const isKnown = allowed.some((known) =>
    known.startsWith('.') ? name === known.slice(1) || name.endsWith(known) : name === known,
  )
  // An invalid host may end like a known one.
  if (!isKnown || !isHost(host)) {
    throw new BadRequest(`This server does not answer to the host "${host}": add it to --allowed-hosts.`)
  }
}

/** In a chain of proxies the last value counts: the proxy next to us wrote it. */
function asSentToProxy(request: Request): Request {
  const last = (name: string) => request.headers.get(name)?.split(',').at(-1)?.trim()
  const [scheme, host] = [last('x-forwarded-proto'), last('x-forwarded-host')]
  const isKnown = scheme === 'http' || scheme === 'https'
  if (!isKnown && !host) return request
  const sent = new Request(
    isKnown ? `${scheme}://localhost${request.url.slice(startOfPath(request.url))}` : request.url,
    request,
  )
  if (host) sent.headers.set('host', host)
  return sent
}

/**
 * Rewrites a URL that Elysia would misread. Elysia searches the path from the eleventh character on, so it would route
 * `http://lab/jobs/` (a short host without a port) as `/`. It takes `//jobs/` for another path than `/jobs/`. With a
 * broken Host header the URL is only a path, but links and cookies need the scheme. The Host header stays as it is,
 * because links are made from it.
 */
function withRoutableUrl(request: Request, listener: Listener | undefined): Request {
  const { url } = request
  const path = startOfPath(url)
  if (path >= 11 && url[path + 1] !== '/') return request
  const scheme = path === 0 ? (listener?.protocol ?? 'http') : url.startsWith('https:') ? 'https' : 'http'
  return new Request(`${scheme}://localhost/${url.slice(path).replace(/^\/+/, '')}`, request)
}
