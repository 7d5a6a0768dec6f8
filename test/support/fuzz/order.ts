// In which order the operations of the document are asked for, so that each finds what it needs.

import type { Operation } from './document'

/** How often at most: what chance picks for a field may be taken, or belong to something else. */
export const TRIES = 8

/** What makes things comes first, and what ends them last. */
const METHODS = ['POST', 'GET', 'PATCH', 'PUT', 'DELETE']

/** Things before what is below them, and the other way round where they end. */
export function inOrder(operations: Operation[]): Operation[] {
  const depth = ({ template }: Operation) => template.split('{').length
  return operations.toSorted((one, other) => {
    const byMethod = METHODS.indexOf(one.method) - METHODS.indexOf(other.method)
    return byMethod || (one.method === 'DELETE' ? depth(other) - depth(one) : depth(one) - depth(other))
  })
}
