// Who may write what: the one place that decides. `undefined` is nobody, which is let in where anyone may write.

import { Forbidden } from '../http/errors'
import type { Identity } from './credentials'
import { hasRight, type Right, roles } from './roles'

/** Is told about the role, and not of which user it is: a token may have less than its user. */
type Writer = Pick<Identity, 'role' | 'id'> | undefined

/**
 * The right that a request wants by its method. What belongs to jobs wants less to be changed, for it may be one's
 * own: requireOwn asks that, where the job is known.
 */
export function rightFor(method: string, isOfJob: boolean): Right {
  if (method === 'DELETE') return 'delete'
  return method === 'POST' || isOfJob ? 'add' : 'change what others made'
}

/** @throws Forbidden */
export function requireRight(writer: Writer, right: Right): void {
  if (!writer || hasRight(writer.role, right)) return
  throw new Forbidden(`The role ${writer.role} does not allow this. ${roles[writer.role]}`)
}

/**
 * For all that adds to a job or changes it.
 *
 * @param madeBy  the user who made the job.
 * @throws Forbidden
 */
export function requireOwn(writer: Writer, madeBy: () => number | null): void {
  if (!writer || hasRight(writer.role, 'change what others made') || madeBy() === writer.id) return
  throw new Forbidden(
    `Somebody else made this job. The role ${writer.role} does not allow this. ${roles[writer.role]}`,
  )
}
