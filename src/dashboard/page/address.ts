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
  audit: `${BASE}/audit`,
  account: `${BASE}/account`,
  signIn: `${BASE}/sign-in`,
}

/** The address of the API, percent-encoded as it came, that an address of the API browser shows. */
export function apiAddressOf(url: string): string {
  const rest = url.slice(paths.api('').length)
  return rest.startsWith('/') ? rest : `/${rest}`
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
  // Of the address as it is then: what was typed a moment ago comes late, and must not undo what came before it.
  const current = () => location.pathname + location.search
  return {
    query,
    /** The same view with other parameters, for links. */
    hrefWith: (change: QueryChange) => withQuery(url, change),
    /** @param replace  no step of its own in the history: while somebody types. */
    change: (change: QueryChange, { replace = false } = {}) => route(withQuery(current(), change), replace),
  }
}
