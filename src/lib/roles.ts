// The roles of users and their rights.

/** Ordered from the most rights to the least. Each role has all rights of the roles after it. */
export const roles = {
  administrator:
    'Reads and writes; adds and changes users, makes and ends their tokens, reads the audit log.',
  member: 'Reads and writes; administers nobody.',
  reporter: 'Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines.',
  reader: 'Reads, also where that wants credentials; writes nothing.',
} as const

export type Role = keyof typeof roles

export const roleNames = Object.keys(roles) as Role[]

/** Rights to write, besides those of administrators. */
export type Right = 'add' | 'change what others made' | 'delete'

const minimumRole: Record<Right, Role> = {
  add: 'reporter',
  'change what others made': 'member',
  delete: 'member',
}

export function hasRight(role: Role, right: Right): boolean {
  return isAtMost(minimumRole[right], role)
}

/** Whether `role` has no more rights than `limit`. */
export function isAtMost(role: Role, limit: Role): boolean {
  return roleNames.indexOf(role) >= roleNames.indexOf(limit)
}

export function lesserOf(one: Role, other: Role): Role {
  return isAtMost(one, other) ? one : other
}
