// The authenticated user of a request.

import type { Role } from './roles'

export interface Identity {
  /** The user's id. */
  id: number
  username: string
  role: Role
}
