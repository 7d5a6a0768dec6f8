// The names and descriptions of the roles.

import type { Role, roles } from '../../lib/roles'

/** Has the type of the server's list: a sentence that differs from the server's does not compile. */
const descriptions: typeof roles = {
  administrator:
    'Reads and writes; adds and changes users, makes and ends their tokens, reads the audit log.',
  member: 'Reads and writes; administers nobody.',
  reporter: 'Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines.',
  reader: 'Reads, also where that wants credentials; writes nothing.',
}

/** The choices for a form, beginning with the fewest rights. */
export const roleOptions = (Object.keys(descriptions) as Role[])
  .reverse()
  .map((role) => ({ value: role, label: roleLabel(role), hint: descriptions[role] }))

/** The roles that a token of a user with the role `limit` may have. */
export function roleOptionsUpTo(limit: Role) {
  return roleOptions.slice(0, roleOptions.findIndex(({ value }) => value === limit) + 1)
}

export function roleLabel(role: Role): string {
  return role.slice(0, 1).toUpperCase() + role.slice(1)
}

export function descriptionOf(role: Role): string {
  return descriptions[role]
}
