// Addresses of the dashboard. The whole state of a view is in its address, so that it can be reloaded, shared, and
// gone back to.

import { useLocation } from 'preact-iso'

export const BASE = '/dashboard'

/** Of every page, as the router reads it: pages.ts says what is shown there. */
const patterns = {
  overview: `${BASE}/`,
  jobs: `${BASE}/jobs`,
  job: `${BASE}/jobs/:job`,
  test: `${BASE}/jobs/:job/tests/:test`,
  api: `${BASE}/api/*`,
  users: `${BASE}/users`,
  user: `${BASE}/users/:id`,
  audit: `${BASE}/audit`,
  account: `${BASE}/account`,
  signIn: `${BASE}/sign-in`,
}

export type PageName = keyof typeof patterns

/** Of every page, for links to it. */
export const paths = {
  ...patterns,
  job: (id: string | number) => fillPattern(patterns.job, id),
  test: (job: string | number, test: number) => fillPattern(patterns.test, job, test),
  api: (path: string) => patterns.api.slice(0, -2) + path,
  user: (id: number) => fillPattern(patterns.user, id),
}

/** Where a page of the menu begins. */
export function menuPathOf(name: PageName): string {
  return patterns[name].replace('*', '')
}

/** For the router. With a star it matches what is below an address; the address itself is another pattern. */
export function patternsOf(name: PageName): string[] {
  const pattern = patterns[name]
  return pattern.endsWith('/*') ? [pattern.slice(0, -2), pattern] : [pattern]
}

/** Whether the page, or one below it, is at this path. */
export function isAt(name: PageName, path: string): boolean {
  if (name === 'overview') return path === BASE
  return patternsOf(name).some((pattern) => path.startsWith(pattern))
}

function fillPattern(pattern: string, ...values: (string | number)[]): string {
  let at = 0
  return pattern.replace(/:\w+/g, () => encodeURIComponent(values[at++] ?? ''))
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
