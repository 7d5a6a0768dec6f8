// What a user may do, in the words of the server.

import type { Role, roles } from '../../auth/roles'

/** Typed as the server's own list: one that says something else does not compile. */
const sentences: typeof roles = {
  administrator: 'Reads and writes; adds users, changes them, and makes and ends their tokens.',
  member: 'Reads and writes; administers nobody.',
}

/** To choose from, the one with the fewest rights first. */
export const roleOptions = (Object.keys(sentences) as Role[])
  .reverse()
  .map((role) => ({ value: role, label: labelOf(role), hint: sentences[role] }))

export function labelOf(role: Role): string {
  return role.slice(0, 1).toUpperCase() + role.slice(1)
}

export function sentenceOf(role: Role): string {
  return sentences[role]
}
