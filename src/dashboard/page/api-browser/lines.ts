// Turns JSON into lines to draw. Long arrays, objects and strings are cut until the reader asks for more, so that a job
// with 10,000 tests is drawn as fast as one with ten.

import type { FindLink } from './links'

export type Scalar = string | number | boolean | null

export type Content =
  | { kind: 'bracket'; text: string }
  | { kind: 'scalar'; value: Scalar; to: string | undefined; rest: Rest | undefined }
  | { kind: 'rest'; rest: Rest }

/** The part of a value that is left out. */
export interface Rest {
  pointer: string
  count: number
  /** How much of the value to show when the reader asks for more. */
  next: number
}

export interface Line {
  depth: number
  key: string | undefined
  content: Content
  comma: boolean
}

/** How much to show of the values of which the reader asked for more, by JSON pointer. */
export type Shown = ReadonlyMap<string, number>

const LIMITS = {
  /** For a page of a list, and the fields of an object. */
  outer: 100,
  /** For arrays inside the rows of a list. */
  inner: 10,
  string: 1000,
}
/** Each click shows this many more items. */
const MORE_ITEMS = 500
/** This many items beyond the limit are shown, too: better than a line that says "1 more". */
const SLACK = 3
/** Deeper values are not shown. */
const MAX_DEPTH = 60

export function linesOf(
  value: unknown,
  shown: Shown = new Map(),
  findLink: FindLink = () => undefined,
): Line[] {
  const lines: Line[] = []

  const add = (depth: number, key: string | undefined, content: Content, comma = false) => {
    lines.push({ depth, key, content, comma })
  }

  const walk = (
    value: unknown,
    {
      depth,
      key,
      pointer,
      comma,
      parent,
    }: { depth: number; key: string | undefined; pointer: string; comma: boolean; parent: unknown },
  ) => {
    if (typeof value !== 'object' || value === null) {
      const to = findLink(pointer, value, parent)
      add(depth, key, scalarContent(value as Scalar, pointer, shown, to), comma)
      return
    }
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
    const count = Array.isArray(value) ? value.length : Object.keys(value).length
    if (count === 0) return add(depth, key, bracket(open + close), comma)
    if (depth >= MAX_DEPTH) return add(depth, key, bracket(`${open}…${close}`), comma)
    add(depth, key, bracket(open))
    const isInner = Array.isArray(value) && depth > 1
    const limit = shown.get(pointer) ?? withSlack(count, isInner ? LIMITS.inner : LIMITS.outer)
    const entries = Array.isArray(value) ? value.slice(0, limit) : Object.entries(value).slice(0, limit)
    for (const [index, entry] of entries.entries()) {
      const [name, child] = Array.isArray(value) ? [undefined, entry] : (entry as [string, unknown])
      walk(child, {
        depth: depth + 1,
        key: name,
        pointer: `${pointer}/${name === undefined ? index : escapePointer(name)}`,
        comma: index < count - 1,
        parent: value,
      })
    }
    if (limit < count) {
      const rest = { pointer, count: count - limit, next: limit + MORE_ITEMS }
      add(depth + 1, undefined, { kind: 'rest', rest })
    }
    add(depth, undefined, bracket(close), comma)
  }

  walk(value, { depth: 0, key: undefined, pointer: '', comma: false, parent: undefined })
  return lines
}

function bracket(text: string): Content {
  return { kind: 'bracket', text }
}

function scalarContent(value: Scalar, pointer: string, shown: Shown, to: string | undefined): Content {
  if (typeof value !== 'string') return { kind: 'scalar', value, to, rest: undefined }
  const limit = shown.get(pointer) ?? withSlack(value.length, LIMITS.string)
  const count = value.length - limit
  if (count <= 0) return { kind: 'scalar', value, to, rest: undefined }
  return {
    kind: 'scalar',
    value: value.slice(0, limit),
    to,
    rest: { pointer, count, next: Number.POSITIVE_INFINITY },
  }
}

function withSlack(count: number, limit: number): number {
  return count <= limit + SLACK ? count : limit
}

/** Escapes a key for a JSON Pointer: a key may contain slashes. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
