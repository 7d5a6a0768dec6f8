// Decides who may write what. With --open an anonymous sender has every right.

import { Forbidden } from '../lib/errors'
import type { Identity } from '../lib/identity'
import { hasRight, type Right, roles } from '../lib/roles'

/** undefined: an anonymous sender. */
type Requester = Pick<Identity, 'role' | 'id'> | undefined

/**
 * The right that a request needs, as far as its method and URL tell. Changing a part of a job needs the right to add
 * only, because the job may be the user's own: requireRightToChange() checks that once the job is known.
 */
export function rightFor(method: string, belongsToJob: boolean): Right {
  if (method === 'DELETE') return 'delete'
  return method === 'POST' || belongsToJob ? 'add' : 'change what others made'
}

/** @throws Forbidden */
export function requireRight(requester: Requester, right: Right): void {
  if (!requester || hasRight(requester.role, right)) return
  throw new Forbidden(`The role ${requester.role} does not allow this. ${roles[requester.role]}`)
}

/**
 * Checks the right to add to a job or to change it.
 *
 * @param creatorOfJob  the user who made the job; called only if the role does not decide.
 * @throws Forbidden
 */
export async function requireRightToChange(
  requester: Requester,
  creatorOfJob: () => Promise<number | null>,
): Promise<void> {
  if (!requester || hasRight(requester.role, 'change what others made')) return
  if ((await creatorOfJob()) === requester.id) return
  throw new Forbidden(
    `Somebody else made this job. The role ${requester.role} does not allow this. ${roles[requester.role]}`,
  )
}
