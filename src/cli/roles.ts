// A role on the command line.

import { type Role, roleNames, roles } from '../lib/roles'
import { WrongUsage } from './terminal'

/** For --help. */
export const roleMeanings = roleNames.map((name) => `${name}: ${roles[name]}`).join('\n')

/** @throws WrongUsage */
export function parseRole(text: string): Role {
  const role = roleNames.find((name) => name === text)
  if (!role) throw new WrongUsage(`"${text}" is no role: ${roleNames.join(', ')}.`)
  return role
}
