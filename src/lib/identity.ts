// Whom a request is of, once that is known.

import type { Role } from './roles'

export interface Identity {
  /** Of the user. */
  id: number
  username: string
  role: Role
}
