// Who may write what: the one place that decides. Nobody is let in where anyone may write, and then has every right.

import { Forbidden } from '../lib/errors'
import type { Identity } from '../lib/identity'
import { hasRight, type Right, roles } from '../lib/roles'

/** undefined: nobody. */
type Requester = Pick<Identity, 'role' | 'id'> | undefined

/**
 * The right that a request wants before anything is known but its address. To change what belongs to a job wants no
 * more than to add something, for the job may be one's own: requireRightToChange() checks that.
 */
export function rightFor(method: string, isOfJob: boolean): Right {
  if (method === 'DELETE') return 'delete'
  return method === 'POST' || isOfJob ? 'add' : 'change what others made'
}

/** @throws Forbidden */
export function requireRight(writer: Requester, right: Right): void {
  if (!writer || hasRight(writer.role, right)) return
  throw new Forbidden(`The role ${writer.role} does not allow this. ${roles[writer.role]}`)
}

/**
 * For all that adds to a job or changes it.
 *
 * @param madeBy  the user who made the job; asked only where it matters.
 * @throws Forbidden
 */
export function requireRightToChange(writer: Requester, madeBy: () => number | null): void {
  if (!writer || hasRight(writer.role, 'change what others made') || madeBy() === writer.id) return
  throw new Forbidden(
    `Somebody else made this job. The role ${writer.role} does not allow this. ${roles[writer.role]}`,
  )
}
