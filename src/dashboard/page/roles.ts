// The names and descriptions of the roles.

import type { Role, roles } from '../../lib/roles'

/** Has the type of the server's list: a sentence that differs from the server's does not compile. */
const sentences: typeof roles = {
  administrator:
    'Reads and writes; adds and changes users, makes and ends their tokens, reads the audit log.',
  member: 'Reads and writes; administers nobody.',
  reporter: 'Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines.',
  reader: 'Reads, also where that wants credentials; writes nothing.',
}

/** The choices for a form, beginning with the fewest rights. */
export const roleOptions = (Object.keys(sentences) as Role[])
  .reverse()
  .map((role) => ({ value: role, label: labelOf(role), hint: sentences[role] }))

/** The roles that a token of a user with the role `limit` may have. */
export function roleOptionsUpTo(limit: Role) {
  return roleOptions.slice(0, roleOptions.findIndex(({ value }) => value === limit) + 1)
}

export function labelOf(role: Role): string {
  return role.slice(0, 1).toUpperCase() + role.slice(1)
}

export function sentenceOf(role: Role): string {
  return sentences[role]
}
