// createsuperuser, changepassword

import type { Command } from 'commander'
import { hashPassword } from '../auth/credentials'
import { findUser, setPassword } from '../auth/queries'
import type { Settings } from '../config'
import { createAdministrator, DEFAULT_NAME } from './administrator'
import { withDatabase } from './database'
import { Failure, readPassword, say, WrongUsage } from './terminal'

export function addCreatesuperuser(program: Command, read: () => Settings): void {
  program
    .command('createsuperuser')
    .description('create an administrator')
    .option('--username <name>', 'the name to sign in with')
    .option('--email <address>', 'where to reach the person')
    .option('--noinput', 'ask nothing: there is no usable password until changepassword sets one')
    .action(async ({ username, email, noinput }: { username?: string; email?: string; noinput?: true }) => {
      if (noinput && username === undefined) throw new WrongUsage('--noinput needs --username.')
      await withDatabase(read(), async (database) => {
        if (username !== undefined) refuseTaken(database.read((connection) => findUser(connection, username)))
        const created = await createAdministrator(database, {
          username,
          email,
          ...(noinput && { password: null }),
        })
        say(`Administrator ${created} created.`)
        if (noinput) say(`Set a password with: avocado-server changepassword ${created}`)
      })
    })
}

export function addChangepassword(program: Command, read: () => Settings): void {
  program
    .command('changepassword')
    .description('set the password of a user; without a terminal it is read from standard input, one line')
    .argument('[name]', 'the user', DEFAULT_NAME)
    .action(async (username: string) => {
      await withDatabase(read(), async (database) => {
        if (!database.read((connection) => findUser(connection, username))) throw noUser(username)
        const hash = await hashPassword(await readPassword(username))
        await database.write(setPassword, { username, hash })
        say(`Password of ${username} changed.`)
      })
    })
}

export function noUser(username: string): Failure {
  return new Failure(`There is no user named ${username}.`)
}

// Asked before the password is, not only when the user is stored.
function refuseTaken(user: { username: string } | undefined): void {
  if (user) throw new Failure(`A user named ${user.username} exists already.`)
}
