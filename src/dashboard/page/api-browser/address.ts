// Addresses of the API: path and query, with their percent-encoding unchanged.

export function pathOf(address: string): string {
  return address.split('?', 1)[0] as string
}

/** Makes an address of what somebody typed or pasted: a path with or without the first slash, or a whole URL. */
export function normalizeAddress(text: string, origin: string): string {
  const typed = text.trim()
  const url = isUrl(typed) ? new URL(typed) : new URL(`/${typed.replace(/^\/+/, '')}`, origin)
  return url.pathname + url.search
}

/**
 * The address of the API in a URL.
 *
 * @param host  the host of this server.
 * @returns undefined for a URL of another host, and for text that is not a URL.
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

/** The parents of an address and the address itself, the root first. */
export function crumbsOf(address: string): Crumb[] {
  const segments = pathOf(address).split('/').filter(Boolean)
  const steps = segments.map((segment, index) => ({
    name: decodeSegment(segment),
    address: index === segments.length - 1 ? address : `/${segments.slice(0, index + 1).join('/')}/`,
  }))
  return [{ name: 'API', address: '/' }, ...steps]
}

/** The list that contains an item: `/jobs/` for `/jobs/1/`. */
export function parentOf(address: string): string {
  return pathOf(address).replace(/[^/]+\/?$/, '')
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // a % without digits is not an encoding
  }
}

interface RequestToSend {
  method: string
  url: string
  /** JSON. */
  body?: string | undefined
  /** The user whose password curl asks for. */
  user?: string | undefined
}

/** The request as a curl command for a shell. */
export function curlOf({ method, url, body, user }: RequestToSend): string {
  return [
    'curl',
    // Without -g, curl expands brackets in a URL.
    ...(/[[\]{}]/.test(url) ? ['-g'] : []),
    ...(user === undefined ? [] : ['-u', singleQuote(user)]),
    ...(method === 'GET' ? [] : ['-X', method]),
    ...(body === undefined
      ? []
      : ['-H', singleQuote('Content-Type: application/json'), '--data-raw', singleQuote(body)]),
    singleQuote(url),
  ].join(' ')
}

function singleQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
