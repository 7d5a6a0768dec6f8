// Parses and explains roles for the commands that take one.

import { type Role, roleNames, roles } from '../lib/roles'
import { UsageError } from './terminal'

/** One line for each role, for --help. */
export const roleMeanings = roleNames.map((name) => `${name}: ${roles[name]}`).join('\n')

/** @throws UsageError */
export function parseRole(text: string): Role {
  const role = roleNames.find((name) => name === text)
  if (!role) throw new UsageError(`"${text}" is no role: ${roleNames.join(', ')}.`)
  return role
}
