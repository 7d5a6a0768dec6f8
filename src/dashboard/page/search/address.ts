// The addresses of searches, and of what they find.

import { paths, withQuery } from '../address'
import type { FoundRun } from '../api'

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

/** The page of a test case. */
export function testcaseHref({ suite, name, variant }: Pick<FoundRun, 'suite' | 'name' | 'variant'>): string {
  return paths.testcase({ ...(suite !== '' && { suite }), name, variant })
}
