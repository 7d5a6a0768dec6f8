// A parameter that a list does not know is refused: a filter that was misspelt would list everything instead.

import { Elysia } from 'elysia'
import { BadRequest } from '../../lib/errors'
import type { HttpServices } from '../services'
import { searchOf } from './links'
import { requestContext } from './request-context'

/** Taken by every list, whether they mean something there or not: clients of the original send them. */
const ALWAYS_ALLOWED = ['_', 'format', 'ordering']
/** Of a name that is compared, and repeated in a sentence. */
const MAX_NAME_LENGTH = 40

/** For all routes that come after it. */
export function knownParameters(services: HttpServices) {
  return new Elysia({ name: 'known-parameters' }).onBeforeHandle({ as: 'global' }, ({ request }) => {
    if (!request.url.includes('?') || (request.method !== 'GET' && request.method !== 'HEAD')) return
    const known = services.routeParameters.ofList(requestContext(request).route)
    if (!known) return
    for (const name of searchOf(request).keys()) {
      if (name !== '' && !known.includes(name) && !ALWAYS_ALLOWED.includes(name)) refuse(name, known)
    }
  })
}

function refuse(name: string, known: readonly string[]): never {
  const short = name.slice(0, MAX_NAME_LENGTH)
  const near = nearest(short, known)
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new BadRequest(
    `Unknown parameter ${short}.${hint} Known here are ${known.join(', ')}.`.toWellFormed(),
  )
}

/** @returns undefined where none is near enough to be meant */
function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((one) => ({ one, distance: distance(name.toLowerCase(), one) }))
  const [best] = distances.sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.max(2, Math.floor(best.one.length / 3)) ? best.one : undefined
}

/** How many letters have to be put in, left out or replaced. Source: Levenshtein. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 1; at <= one.length; at++) {
    const next = [at]
    for (let to = 1; to <= other.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
