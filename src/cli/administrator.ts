// Creates the first administrator.

import { randomBytes } from 'node:crypto'
import { hasUsers } from '../auth/queries'
import type { Database } from '../storage/database'
import { createUser, type NewUser } from './new-user'
import { confirm, isTerminal, say } from './terminal'

export const DEFAULT_NAME = 'admin'
const DEFAULT_EMAIL = 'root@localhost.localdomain'

/** Adds an administrator and asks for what is missing. @throws Failure when the name is taken. */
export function createAdministrator(database: Database, given: Omit<NewUser, 'role'>): Promise<string> {
  const proposed = { username: DEFAULT_NAME, email: DEFAULT_EMAIL }
  return createUser(database, { ...given, proposed, role: 'administrator' })
}

/** On a terminal, offers to create an administrator if there is no user yet. */
export async function offerAdministrator(database: Database): Promise<void> {
  if ((await database.read(hasUsers)) || !isTerminal()) return
  if (!(await confirm('There is no user yet. Create an administrator now?', true))) return
  say(`Administrator ${await createAdministrator(database, {})} created.`)
}

/** Creates an administrator if there is no user. Asks for a password on a terminal, else makes one and shows it once. */
export async function ensureAdministrator(database: Database): Promise<void> {
  if (await database.read(hasUsers)) return
  const given = { username: DEFAULT_NAME, email: DEFAULT_EMAIL }
  if (isTerminal()) {
    say(`Administrator ${await createAdministrator(database, given)} created.`)
    return
  }
  const password = randomBytes(12).toString('base64url')
  await createAdministrator(database, { ...given, password })
  say(`Administrator ${DEFAULT_NAME} created, password ${password}`)
  say('This password is shown this once; `avocado-server changepassword admin` sets another.')
}
