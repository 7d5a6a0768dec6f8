// Reads `?ordering=a,-b`.

import { queryOf, type RequestLike } from '../request/links'

export type Direction = 'asc' | 'desc'
export type Ordering<F extends string> = readonly { field: F; direction: Direction }[]

/**
 * The fields that `?ordering=` names. Unknown fields are ignored: Django REST framework did so, and clients rely on it.
 *
 * @returns `fallback` when no known field is named.
 */
export function orderingOf<F extends string>(
  request: RequestLike,
  known: readonly F[],
  fallback: Ordering<F>,
): Ordering<F> {
  const ordering: { field: F; direction: Direction }[] = []
  for (const part of (queryOf(request).get('ordering') ?? '').split(',')) {
    const descending = part.startsWith('-')
    const field = known.find((name) => name === (descending ? part.slice(1) : part))
    if (field === undefined || ordering.some((earlier) => earlier.field === field)) continue
    ordering.push({ field, direction: descending ? 'desc' : 'asc' })
  }
  return ordering.length > 0 ? ordering : fallback
}

const opposite = { asc: 'desc', desc: 'asc' } as const

/** The ordering from the last row to the first. Ties are reversed, too, because they follow the last field. */
export function reversed<F extends string>(ordering: Ordering<F>): Ordering<F> {
  return ordering.map(({ field, direction }) => ({ field, direction: opposite[direction] }))
}

/** Compares rows in memory. @param compare  of each field, ascending. @returns 0 when all named fields are equal */
export function comparing<F extends string, Row>(
  ordering: Ordering<F>,
  compare: Record<F, (one: Row, other: Row) => number>,
): (one: Row, other: Row) => number {
  return (one, other) => {
    for (const { field, direction } of ordering) {
      const compared = compare[field](one, other)
      if (compared !== 0) return direction === 'desc' ? -compared : compared
    }
    return 0
  }
}

/** Ties are ordered by creation, in the direction of the last field, so that pages never overlap. */
export function tieDirection(ordering: Ordering<string>): Direction {
  return ordering.at(-1)?.direction ?? 'asc'
}

export function orderingParameter(known: readonly string[]) {
  return {
    name: 'ordering',
    in: 'query',
    description: `Fields, separated by commas, \`-\` before one for descending: ${known.join(', ')}`,
    schema: { type: 'string' },
  }
}
