// What the server has shown so far: paths that exist, and values of fields, for requests that reach further than 404.

import type { ApiDocument } from './document'

/** So many of each kind are remembered, the newest. */
const REMEMBERED = 50
/** By which of its fields a thing may be named in a URL. */
const NAMES = ['id', 'number', 'uuid', 'tag', 'name', 'path']

export class Known {
  private readonly paths = new Map<string, string[]>()
  private readonly values = new Map<string, unknown[]>()

  constructor(private readonly document: ApiDocument) {}

  /** @returns a path of this template that existed, or undefined. */
  path(template: string, pick: number): string | undefined {
    return at(this.paths.get(template) ?? [], pick)
  }

  /** @returns what a field of this name had, or undefined. */
  value(field: string, pick: number): unknown {
    return at(this.values.get(field) ?? [], pick)
  }

  /** Remembers what a successful answer showed. */
  learn(path: string, template: string, body: unknown, location: string | null): void {
    this.learnPath(path)
    const made = location === null ? null : URL.parse(location, 'http://a')
    if (made) this.learnPath(made.pathname)
    if (typeof body !== 'object' || body === null) return
    const { results, data } = body as Record<string, unknown>
    const things = [results, data, body].find(Array.isArray) ?? [body]
    const below = this.document.templates.filter((other) => {
      const rest = other.startsWith(template) ? other.slice(template.length) : ''
      return /^\/?\{[^}]+\}\/?$/.test(rest)
    })
    for (const thing of things.slice(0, REMEMBERED)) {
      if (typeof thing !== 'object' || thing === null) continue
      for (const [field, value] of Object.entries(thing)) this.learnValue(field, value)
      for (const name of NAMES) {
        const value = (thing as Record<string, unknown>)[name]
        if (typeof value !== 'string' && typeof value !== 'number') continue
        const end = encodeSegment(String(value))
        for (const other of below) {
          this.learnPath(`${path.replace(/\/$/, '')}/${end}${other.endsWith('/') ? '/' : ''}`, other)
        }
      }
    }
  }

  /** What is deleted, with all below it. */
  forget(path: string): void {
    const gone = path.replace(/\/?$/, '/')
    for (const [template, paths] of this.paths) {
      const left = paths.filter((other) => !other.replace(/\/?$/, '/').startsWith(gone))
      this.paths.set(template, left)
    }
  }

  /** Not what a URL takes for something else: a thing that is named `..`, or a test whose tag is `summary`. */
  private learnPath(path: string, template = this.document.templateOf(path)): void {
    const meant = this.document.templateOf(new URL(path, 'http://a').pathname)
    if (meant === template && template?.includes('{')) this.add(this.paths, template, path)
  }

  learnValue(field: string, value: unknown): void {
    if (typeof value === 'string' ? value.length <= 300 : typeof value === 'number') {
      this.add(this.values, field, value)
    }
  }

  private add<T>(to: Map<string, T[]>, key: string, value: T): void {
    const list = to.get(key) ?? []
    if (!list.includes(value)) list.push(value)
    if (list.length > REMEMBERED) list.shift()
    to.set(key, list)
  }
}

const at = <T>(list: T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)]

/** As encodeURIComponent; half of a surrogate pair becomes the broken UTF-8 that it would be. */
export function encodeSegment(text: string): string {
  if (text.isWellFormed()) return encodeURIComponent(text)
  return [...text].map((part) => (part.isWellFormed() ? encodeURIComponent(part) : '%ED%A0%80')).join('')
}
