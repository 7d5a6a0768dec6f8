// Refuses unknown query parameters of lists. Otherwise a list with a misspelt filter would show everything.

import { Elysia } from 'elysia'
import { BadRequest } from '../../lib/errors'
import type { HttpServices } from '../services'
import { searchOf } from './links'
import { requestContext } from './request-context'

/** Every list accepts these, even without effect: clients of the original server send them. */
const ALWAYS_ALLOWED = ['_', 'format', 'ordering']
/** Longer names are cut before they are compared and repeated in the error message. */
const MAX_NAME_LENGTH = 40

/** Checks the requests to all routes that are added after this plugin. */
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

/** @returns undefined when no known name is similar enough. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((one) => ({ one, distance: distance(name.toLowerCase(), one) }))
  const [best] = distances.sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.max(2, Math.floor(best.one.length / 3)) ? best.one : undefined
}

/** The Levenshtein distance: how many letters have to be inserted, deleted or replaced. */
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
