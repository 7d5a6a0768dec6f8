// The query parameters that each route documents, by its pattern.

import type { AnyElysia } from 'elysia'

/** Answers with these parameters depend on the current time, not only on the stored data. */
const TIME_DEPENDENT = new Set(['running'])

const NONE: ReadonlySet<string> = new Set()

export class RouteParameters {
  private readonly lists = new Map<string, readonly string[]>()
  private readonly cacheable = new Map<string, ReadonlySet<string>>()

  /** Called once, after all routes are added. Until then lists accept every parameter, and none is cacheable. */
  register({ routes }: AnyElysia): void {
    for (const { method, path, hooks } of routes) {
      if (method !== 'GET') continue
      const documented: { name: string; in: string }[] = hooks.detail?.parameters ?? []
      const names = documented.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
      const isList = names.includes('page_size') || (path.startsWith('/statistics/') && names.length > 0)
      if (isList) this.lists.set(path, names)
      const timeless = names.filter((name) => !TIME_DEPENDENT.has(name))
      // Some clients encode the colon of `name:like`.
      this.cacheable.set(path, new Set([...timeless, ...timeless.map(encodeURIComponent)]))
    }
  }

  /** The parameters of a list; undefined if the route is no list. */
  ofList(route: string | undefined): readonly string[] | undefined {
    return this.lists.get(route ?? '')
  }

  /** The parameters with which answers of the route may be cached. */
  cacheableOf(route: string | undefined): ReadonlySet<string> {
    return this.cacheable.get(route ?? '') ?? NONE
  }
}
