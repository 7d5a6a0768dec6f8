// The query parameters that each route documents, by its pattern.

import type { AnyElysia } from 'elysia'

/** What these ask for depends on the clock, too, and not only on what is stored. */
const TIME_DEPENDENT = new Set(['running'])

const NONE: ReadonlySet<string> = new Set()

export class RouteParameters {
  private readonly lists = new Map<string, readonly string[]>()
  private readonly cacheable = new Map<string, ReadonlySet<string>>()

  /** To be called once, after all routes. Until then every parameter is taken, and no answer with parameters is cached. */
  register({ routes }: AnyElysia): void {
    for (const { method, path, hooks } of routes) {
      if (method !== 'GET') continue
      const documented: { name: string; in: string }[] = hooks.detail?.parameters ?? []
      const names = documented.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
      const isList = names.includes('page_size') || (path.startsWith('/statistics/') && names.length > 0)
      if (isList) this.lists.set(path, names)
      const timeless = names.filter((name) => !TIME_DEPENDENT.has(name))
      // As some clients write `name:like`.
      this.cacheable.set(path, new Set([...timeless, ...timeless.map(encodeURIComponent)]))
    }
  }

  /** Those of a list; undefined where the route is none. */
  ofList(route: string | undefined): readonly string[] | undefined {
    return this.lists.get(route ?? '')
  }

  /** Those under which answers of the route may be cached. */
  cacheableOf(route: string | undefined): ReadonlySet<string> {
    return this.cacheable.get(route ?? '') ?? NONE
  }
}
