// What stands between the socket and Elysia's router, because the router cannot do it itself: what a request may look
// like at all, and what the router would misread.

import { BadRequest, Busy } from '../../lib/errors'
import { errorResponse, HttpError } from '../response/errors'
import { commonHeaders } from '../response/headers'
import { instrument } from '../response/instrument'
import type { HttpServices } from '../services'
import { forwardedAddress } from './client-address'
import { isHost, isProbe, startOfPath } from './links'
import { type AddressedHandler, ID_HEADER, idOf } from './request-context'

/** What the app asks of the server that a request came to. */
export type Listener = Pick<Bun.Server<undefined>, 'requestIP' | 'pendingRequests' | 'protocol'>

export type Handler = (request: Request, listener?: Listener) => Response | Promise<Response>

/** Of the path and the query. Bun refuses a head of more than 16 KiB itself, with 431. */
const MAX_URL = 8192
const MAX_PARAMETERS = 100

/**
 * Lets requests through to `handle` that may come in at all. Those from behind a proxy become what was sent to the
 * proxy, and those URLs are mended that Elysia would misread.
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

/** As Django's ALLOWED_HOSTS: a name, or with a dot in front a domain with all below it; the port does not count. */
function requireKnownHost({ headers }: Request, allowed: readonly string[] | undefined): void {
  if (!allowed) return
  const host = headers.get('host') ?? ''
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  const isKnown = allowed.some((known) =>
    known.startsWith('.') ? name === known.slice(1) || name.endsWith(known) : name === known,
  )
  // What is no host at all may end like a known one.
  if (!isKnown || !isHost(host)) {
    throw new BadRequest(`This server does not answer to the host "${host}": add it to --allowed-hosts.`)
  }
}

/** The last of what a chain of proxies says counts: the one next to us wrote that. */
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
 * Elysia looks for the path from the eleventh character on, so `http://lab/jobs/` (a short host without a port) would
 * be routed as `/`, and it takes `//jobs/` for another path than `/jobs/`. With a broken Host header a URL is no more
 * than its path; links and cookies want to know the scheme. The Host header stays as it is: links are made from that.
 */
function withRoutableUrl(request: Request, listener: Listener | undefined): Request {
  const { url } = request
  const path = startOfPath(url)
  if (path >= 11 && url[path + 1] !== '/') return request
  const scheme = path === 0 ? (listener?.protocol ?? 'http') : url.startsWith('https:') ? 'https' : 'http'
  return new Request(`${scheme}://localhost/${url.slice(path).replace(/^\/+/, '')}`, request)
}
