// The addresses of searches.

import { paths, withQuery } from '../address'

/** The groups of a search. */
export const groups = ['tests', 'reasons', 'jobs'] as const
export type Group = (typeof groups)[number]

/** The address of a search; `tab`: one group, or the runs. */
export function searchHref(
  search: string,
  tab?: Group | 'runs',
  more: Record<string, string | number> = {},
): string {
  return withQuery(paths.search, { q: search, tab, ...more })
}
