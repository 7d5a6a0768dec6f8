// Adds a user and asks on the terminal for what is missing.

import { commandLineActor } from '../audit/log'
import { argon2id } from '../auth/hashing'
import { usernameError } from '../auth/model'
import { addUser, findAnyUserQuery } from '../auth/queries'
import { now } from '../lib/clock'
import type { Role } from '../lib/roles'
import type { Database } from '../storage/database'
import { ask, Failure, isTerminal, readPassword, UsageError } from './terminal'

export interface NewUser {
  role: Role
  username?: string | undefined
  email?: string | undefined
  /** undefined: ask for it; null: no usable password yet. */
  password?: string | null
  /** Defaults that the questions offer. */
  proposed?: { username: string; email: string }
}

/** @returns the username. @throws Failure when it is taken. */
export async function createUser(database: Database, given: NewUser): Promise<string> {
  const { role, proposed = { username: '', email: '' } } = given
  const terminal = isTerminal() && given.password === undefined
  const username =
    given.username ?? (terminal ? await ask('Username', proposed.username, usernameError) : undefined)
  if (username === undefined) throw new UsageError('Without a terminal, --username is needed.')
  const fault = usernameError(username)
  if (fault) throw new UsageError(fault)
  // Fails before it asks for the password; the write below would fail only afterwards.
  if (await database.read(findAnyUserQuery, username)) {
    throw new Failure(`A user named ${username} exists already.`)
  }
  const email = given.email ?? (terminal ? await ask('Email', proposed.email) : '')
  const password = given.password === undefined ? await readPassword(username) : given.password
  const hash = password === null ? null : await argon2id.hash(password)
  await database.write(addUser, { username, email, role, hash, actor: commandLineActor(now()) })
  return username
}
