// The first user.

import { randomBytes } from 'node:crypto'
import { hashPassword } from '../auth/credentials'
import { faultOfUsername } from '../auth/model'
import { addAdministrator, hasUsers } from '../auth/queries'
import type { Database } from '../storage/database'
import { now } from './clock'
import { ask, confirm, isTerminal, readPassword, say, WrongUsage } from './terminal'

export const DEFAULT_NAME = 'admin'
const DEFAULT_EMAIL = 'root@localhost.localdomain'

export interface NewAdministrator {
  username?: string | undefined
  email?: string | undefined
  /** undefined: to be asked for; null: no usable password yet. */
  password?: string | null
}

/** Adds an administrator, asking for what is not given. @throws Conflict when the name is taken. */
export async function createAdministrator(database: Database, given: NewAdministrator): Promise<string> {
  const terminal = isTerminal() && given.password === undefined
  const username =
    given.username ?? (terminal ? await ask('Username', DEFAULT_NAME, faultOfUsername) : undefined)
  if (username === undefined) throw new WrongUsage('Without a terminal, --username is needed.')
  const fault = faultOfUsername(username)
  if (fault) throw new WrongUsage(fault)
  const email = given.email ?? (terminal ? await ask('Email', DEFAULT_EMAIL) : '')
  const password = given.password === undefined ? await readPassword(username) : given.password
  const hash = password === null ? null : await hashPassword(password)
  await database.write(addAdministrator, { username, email, hash, now: now() })
  return username
}

/** On a terminal, offers to create an administrator where there is no user yet. */
export async function offerAdministrator(database: Database): Promise<void> {
  if (database.read(hasUsers) || !isTerminal()) return
  if (!(await confirm('There is no user yet. Create an administrator now?', true))) return
  say(`Administrator ${await createAdministrator(database, {})} created.`)
}

/** Makes sure that there is a user: asks for a password on a terminal, otherwise makes one and shows it once. */
export async function ensureAdministrator(database: Database): Promise<void> {
  if (database.read(hasUsers)) return
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
