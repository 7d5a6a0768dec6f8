// Addresses of the dashboard. The whole state of a view is in its address, so that it can be reloaded, shared, and
// gone back to.

import { useLocation } from 'preact-iso'

export const BASE = '/dashboard'

export const paths = {
  overview: `${BASE}/`,
  jobs: `${BASE}/jobs`,
  job: (id: string | number) => `${BASE}/jobs/${encodeURIComponent(id)}`,
  test: (job: string | number, test: number) => `${BASE}/jobs/${encodeURIComponent(job)}/tests/${test}`,
  api: (path: string) => `${BASE}/api${path}`,
  users: `${BASE}/users`,
  user: (id: number) => `${BASE}/users/${id}`,
  account: `${BASE}/account`,
  signIn: `${BASE}/sign-in`,
}

/**
 * Where to go on after signing in, as an address that somebody may have been sent says it.
 *
 * @returns the overview for what is no address of the dashboard: nobody is led on to elsewhere.
 */
export function addressHere(wanted: string | undefined): string {
  // Of a host that is none, so that an address with a host of its own is told from one without.
  const base = 'http://dashboard.invalid'
  if (wanted === undefined || !URL.canParse(wanted, base)) return paths.overview
  const { origin, pathname, search, hash } = new URL(wanted, base)
  const isHere = origin === base && (pathname === BASE || pathname.startsWith(`${BASE}/`))
  return isHere ? pathname + search + hash : paths.overview
}

/** A change to the parameters of the address: undefined and '' take one away. */
export type QueryChange = Record<string, string | number | undefined>

/** The address with some of its parameters changed. */
export function withQuery(url: string, change: QueryChange): string {
  const [path = '', search = ''] = url.split('?')
  const query = new URLSearchParams(search)
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, String(value))
  }
  return query.size > 0 ? `${path}?${query}` : path
}

/** The parameters of the address, and how to change them. */
export function useQuery() {
  const { url, query, route } = useLocation()
  return {
    query,
    /** The same view with other parameters, for links. */
    hrefWith: (change: QueryChange) => withQuery(url, change),
    /** @param replace  no step of its own in the history: while somebody types. */
    change: (change: QueryChange, { replace = false } = {}) => route(withQuery(url, change), replace),
  }
}
