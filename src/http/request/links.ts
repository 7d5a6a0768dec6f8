// Absolute URLs, built from the host that the request itself was sent to.

/** What of a request an answer depends on. */
export type RequestLike = Pick<Request, 'url' | 'headers'>

/** What a Host header may say: a name or an address, perhaps with a port. */
export const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i
const MAX_HOST = 270

/** Whether it is a name or an address, perhaps with a port. */
export function isHost(text: string): boolean {
  return text.length <= MAX_HOST && HOST.test(text)
}

/** `http://host:port`, without a slash at the end; `https:` where that is what the client speaks. */
export function originOf(request: RequestLike): string {
  const host = request.headers.get('host') ?? ''
  const scheme = request.url.startsWith('https:') ? 'https' : 'http'
  // Anything else in the header is no host, and must not come back as a link.
  return `${scheme}://${isHost(host) ? host : 'localhost'}`
}

/** The part of the URL from the `?` on, as its parameters. Of a repeated one the last counts. */
export function queryOf(request: RequestLike): Map<string, string> {
  return new Map(searchOf(request))
}

/** The same with repeated parameters. */
export function searchOf(request: RequestLike): URLSearchParams {
  // Not by URL: a request with a broken Host header has none that can be parsed.
  const start = request.url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : request.url.slice(start))
}

export function pathOf(request: RequestLike): string {
  const { url } = request
  const start = startOfPath(url)
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

/** Where the path begins in the URL of a request: one with a broken Host header has nothing before it. */
export function startOfPath(url: string): number {
  return url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
}

/** Whether it is a question whether the server works: that is answered while everything else is refused. */
export function isProbe(request: RequestLike): boolean {
  return /^\/(health|ready)\/?$/.test(pathOf(request))
}

/** What stays as it is in a URL: nearly all that links are made of, and encodeURIComponent is slow. */
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
