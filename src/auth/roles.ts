// What users may be, and what each role may do.

export const roles = {
  administrator: 'Reads and writes; adds users, changes them, and makes and ends their tokens.',
  member: 'Reads and writes; administers nobody.',
} as const

export type Role = keyof typeof roles

export const roleNames = Object.keys(roles) as Role[]
