// The addresses of the dashboard. An address holds the whole state of a view, so that the reader can reload it, share
// it, and go back to it.

import { useLocation } from 'preact-iso'

export const BASE = '/dashboard'

/** The pattern of every page, in the router's syntax; pages.ts has the views. */
const patterns = {
  triage: `${BASE}/`,
  overview: `${BASE}/overview`,
  jobs: `${BASE}/jobs`,
  job: `${BASE}/jobs/:job`,
  test: `${BASE}/jobs/:job/tests/:test`,
  compare: `${BASE}/compare`,
  search: `${BASE}/search`,
  testcase: `${BASE}/testcase`,
  matrix: `${BASE}/matrix`,
  flaky: `${BASE}/flaky`,
  reasons: `${BASE}/reasons`,
  reason: `${BASE}/reasons/:id`,
  knownIssues: `${BASE}/known-issues`,
  knownIssue: `${BASE}/known-issues/:id`,
  hosts: `${BASE}/hosts`,
  api: `${BASE}/api/*`,
  users: `${BASE}/users`,
  user: `${BASE}/users/:id`,
  audit: `${BASE}/audit`,
  account: `${BASE}/account`,
  signIn: `${BASE}/sign-in`,
}

export type PageName = keyof typeof patterns

/** The path of every page, for links. */
export const paths = {
  ...patterns,
  job: (id: string | number) => fillPattern(patterns.job, id),
  test: (job: string | number, test: number) => fillPattern(patterns.test, job, test),
  /** @param base  as the API reads it; undefined: the one that its rule finds. */
  compare: (job: string | number, base?: string | number) => withQuery(patterns.compare, { job, base }),
  /** @param variant  null: all of them. @param more  parameters of the view. */
  testcase: (
    { suite, name, variant }: { suite?: string | undefined; name: string; variant: string | null },
    more: QueryChange = {},
  ) => withQuery(patterns.testcase, { suite, name, variant: variant ?? undefined, ...more }),
  /** @param template  the id of the template of the fail reason. */
  reason: (template: number) => fillPattern(patterns.reason, template),
  knownIssue: (id: number) => fillPattern(patterns.knownIssue, id),
  api: (path: string) => patterns.api.slice(0, -2) + path,
  user: (id: number) => fillPattern(patterns.user, id),
}

/** The path to which the menu links. */
export function menuPathOf(name: PageName): string {
  return patterns[name].replace('*', '')
}

/** The router's patterns for a page. One with a star matches only addresses below; the address itself needs another. */
export function patternsOf(name: PageName): string[] {
  const pattern = patterns[name]
  return pattern.endsWith('/*') ? [pattern.slice(0, -2), pattern] : [pattern]
}

/** Whether the path belongs to the page or to one below it. */
export function isAt(name: PageName, path: string): boolean {
  if (name === 'triage') return path === BASE
  return patternsOf(name).some((pattern) => path.startsWith(pattern))
}

function fillPattern(pattern: string, ...values: (string | number)[]): string {
  let at = 0
  return pattern.replace(/:\w+/g, () => encodeURIComponent(values[at++] ?? ''))
}

/** The address of the API that the API browser shows at `url`, with its percent-encoding unchanged. */
export function apiAddressOf(url: string): string {
  const rest = url.slice(paths.api('').length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** A change to the parameters of the address: undefined and '' remove one, a list repeats it. */
export type QueryChange = Record<string, string | number | readonly string[] | undefined>

/** The address with some of its parameters changed. */
export function withQuery(url: string, change: QueryChange): string {
  const [path = '', search = ''] = url.split('?')
  const query = new URLSearchParams(search)
  for (const [name, value] of Object.entries(change)) {
    query.delete(name)
    for (const one of [value ?? ''].flat()) if (one !== '') query.append(name, String(one))
  }
  return query.size > 0 ? `${path}?${query}` : path
}

/** A value as the API's filters take it, where a comma separates several. */
export function filterValue(value: string): string {
  return value.replace(/[\\,]/g, '\\$&')
}

/** The parameters of the address, and functions that change them. */
export function useQuery() {
  const { url, query, route } = useLocation()
  // Read when the change is made: a search text arrives late, and must not undo other changes made since.
  const current = () => location.pathname + location.search
  return {
    query,
    /** All values of a parameter that may be repeated. */
    valuesOf: (name: string) => new URLSearchParams(url.split('?')[1]).getAll(name),
    /** The same view with other parameters, for links. */
    hrefWith: (change: QueryChange) => withQuery(url, change),
    /** @param replace  replaces the entry in the history, for changes while somebody types. */
    change: (change: QueryChange, { replace = false } = {}) => route(withQuery(current(), change), replace),
  }
}
