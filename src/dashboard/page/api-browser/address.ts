// Addresses of the API: path and query, percent-encoded as they came.

export function pathOf(address: string): string {
  return address.split('?', 1)[0] as string
}

/** What somebody typed or pasted: a path with or without the first slash, or a whole URL. */
export function normalizeAddress(text: string, origin: string): string {
  const typed = text.trim()
  const url = isUrl(typed) ? new URL(typed) : new URL(`/${typed.replace(/^\/+/, '')}`, origin)
  return url.pathname + url.search
}

/**
 * The address that a URL of this server has.
 *
 * @param host  this server's.
 * @returns undefined for a URL of another host, and for what is no URL.
 */
export function addressOf(text: string, host: string): string | undefined {
  if (!isUrl(text)) return undefined
  const url = new URL(text)
  return url.host === host ? url.pathname + url.search : undefined
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}

export interface Crumb {
  name: string
  address: string
}

/** The steps that lead to an address, the root first. */
export function crumbsOf(address: string): Crumb[] {
  const segments = pathOf(address).split('/').filter(Boolean)
  const steps = segments.map((segment, index) => ({
    name: decoded(segment),
    address: index === segments.length - 1 ? address : `/${segments.slice(0, index + 1).join('/')}/`,
  }))
  return [{ name: 'API', address: '/' }, ...steps]
}

/** The list that a thing is in: `/jobs/1/` is in `/jobs/`. */
export function parentOf(address: string): string {
  return pathOf(address).replace(/[^/]+\/?$/, '')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a lone % is no encoding
  }
}

interface Sent {
  method: string
  url: string
  /** JSON. */
  body?: string | undefined
  /** Whose password curl asks for. */
  user?: string | undefined
}

/** The same request at a shell's prompt. */
export function curlOf({ method, url, body, user }: Sent): string {
  return [
    'curl',
    // curl takes brackets in a URL for lists.
    ...(/[[\]{}]/.test(url) ? ['-g'] : []),
    ...(user === undefined ? [] : ['-u', quoted(user)]),
    ...(method === 'GET' ? [] : ['-X', method]),
    ...(body === undefined
      ? []
      : ['-H', quoted('Content-Type: application/json'), '--data-raw', quoted(body)]),
    quoted(url),
  ].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
