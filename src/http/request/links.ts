// Reads the URL of a request, and makes absolute URLs with the host that the request was sent to.

/** The parts of a request that an answer depends on. A worker gets only these. */
export type RequestLike = Pick<Request, 'url' | 'headers'>

/** A valid Host header: a name or an address, perhaps with a port. */
export const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i
const MAX_HOST = 270

/** Whether a text is a valid Host header. */
export function isHost(text: string): boolean {
  return text.length <= MAX_HOST && HOST.test(text)
}

/** `http://host:port` or `https://host:port`, as the client speaks, without a slash at the end. */
export function originOf(request: RequestLike): string {
  const host = request.headers.get('host') ?? ''
  const scheme = request.url.startsWith('https:') ? 'https' : 'http'
  // An invalid host must not appear in links.
  return `${scheme}://${isHost(host) ? host : 'localhost'}`
}

/** The query parameters. The last value of a repeated parameter counts. */
export function queryOf(request: RequestLike): Map<string, string> {
  return new Map(searchOf(request))
}

/** The query parameters, with every value of repeated ones. */
export function searchOf(request: RequestLike): URLSearchParams {
  // Without `new URL()`, which fails if the Host header is broken.
  const start = request.url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : request.url.slice(start))
}

export function pathOf(request: RequestLike): string {
  const { url } = request
  const start = startOfPath(url)
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

/** The index of the path in a request's URL. With a broken Host header the URL begins with the path. */
export function startOfPath(url: string): number {
  return url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
}

/** Whether a request is a health check. Those are answered even while everything else is refused. */
export function isProbe(request: RequestLike): boolean {
  return /^\/(health|ready)\/?$/.test(pathOf(request))
}

/** Texts that need no encoding in a URL. Nearly all parts of links match, and encodeURIComponent is slow. */
const UNRESERVED = /^[\w.-]*$/

/** The absolute URL of a resource: `link(request, 'jobs', id, 'tests', 7)`. */
export function link(request: RequestLike, ...parts: (string | number)[]): string {
  let url = `${originOf(request)}/`
  for (const part of parts) {
    const text = String(part)
    url += UNRESERVED.test(text) ? `${text}/` : `${encodeURIComponent(text)}/`
  }
  return url
}
