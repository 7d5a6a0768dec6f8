// What a user may do, in the words of the server.

import type { Role, roles } from '../../lib/roles'

/** Typed as the server's own list: one that says something else does not compile. */
const sentences: typeof roles = {
  administrator:
    'Reads and writes; adds and changes users, makes and ends their tokens, reads the audit log.',
  member: 'Reads and writes; administers nobody.',
  reporter: 'Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines.',
  reader: 'Reads, also where that wants credentials; writes nothing.',
}

/** To choose from, the one with the fewest rights first. */
export const roleOptions = (Object.keys(sentences) as Role[])
  .reverse()
  .map((role) => ({ value: role, label: labelOf(role), hint: sentences[role] }))

/** Those that a token of a user can have. */
export function roleOptionsUpTo(limit: Role) {
  return roleOptions.slice(0, roleOptions.findIndex(({ value }) => value === limit) + 1)
}

export function labelOf(role: Role): string {
  return role.slice(0, 1).toUpperCase() + role.slice(1)
}

export function sentenceOf(role: Role): string {
  return sentences[role]
}
