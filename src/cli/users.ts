// The commands createsuperuser, createuser, changepassword, setrole, disableuser, enableuser and listusers.

import type { Command } from 'commander'
import { commandLineActor } from '../audit/log'
import { argon2id } from '../auth/hashing'
import { toUser } from '../auth/model'
import {
  changeUser,
  findAnyUserQuery,
  findUserQuery,
  listUsers,
  setPassword,
  type UserChange,
  type UserRow,
} from '../auth/queries'
import { now } from '../lib/clock'
import { roleNames } from '../lib/roles'
import type { Database } from '../storage/database'
import { createAdministrator, DEFAULT_NAME } from './administrator'
import type { CliCommand } from './cli-command'
import { withDatabase } from './database'
import { createUser, type NewUser } from './new-user'
import { parseRole, roleMeanings } from './roles'
import type { Settings } from './settings'
import { formatWithoutFraction, table } from './table'
import { Failure, readPassword, say, UsageError } from './terminal'

export const createsuperuserCommand: CliCommand = {
  name: 'createsuperuser',
  define: (command, read) =>
    addUserOptions(command.description('create an administrator')).action(async (options: UserOptions) => {
      await create(read(), options, 'Administrator', createAdministrator)
    }),
}

export const createuserCommand: CliCommand = {
  name: 'createuser',
  define: (command, read) =>
    addUserOptions(command.description('create a user'))
      .option('--role <role>', `what the user may do: ${roleNames.join(', ')}`, 'member')
      .addHelpText('after', `\n${roleMeanings}`)
      .action(async (options: UserOptions & { role: string }) => {
        const role = parseRole(options.role)
        const noun = role.slice(0, 1).toUpperCase() + role.slice(1)
        await create(read(), options, noun, (database, given) => createUser(database, { ...given, role }))
      }),
}

type UserOptions = { username?: string; email?: string; noinput?: true }

function addUserOptions(command: Command): Command {
  return command
    .option('--username <name>', 'the name to sign in with')
    .option('--email <address>', 'where to reach the person')
    .option('--noinput', 'ask nothing: there is no usable password until changepassword sets one')
}

/** @param noun  names the kind of user in the message, such as "Administrator". */
async function create(
  settings: Settings,
  { username, email, noinput }: UserOptions,
  noun: string,
  make: (database: Database, given: Omit<NewUser, 'role'>) => Promise<string>,
): Promise<void> {
  if (noinput && username === undefined) throw new UsageError('--noinput needs --username.')
  await withDatabase(settings, async (database) => {
    const created = await make(database, { username, email, ...(noinput && { password: null }) })
    say(`${noun} ${created} created.`)
    if (noinput) say(`Set a password with: avocado-server changepassword ${created}`)
  })
}

export const changepasswordCommand: CliCommand = {
  name: 'changepassword',
  define: (command, read) =>
    command
      .description('set the password of a user; without a terminal it is read from standard input, one line')
      .argument('[name]', 'the user', DEFAULT_NAME)
      .action(async (username: string) => {
        await withDatabase(read(), async (database) => {
          if (!(await database.read(findUserQuery, username))) throw userNotFound(username)
          const hash = await argon2id.hash(await readPassword(username))
          await database.write(setPassword, { username, hash, actor: commandLineActor(now()) })
          say(`Password of ${username} changed.`)
        })
      }),
}

export const setroleCommand: CliCommand = {
  name: 'setrole',
  define: (command, read) =>
    command
      .description('change what a user may do; the tokens of the user may do no more')
      .argument('<name>', 'the user')
      .argument('<role>', roleNames.join(', '))
      .addHelpText('after', `\n${roleMeanings}`)
      .action(async (username: string, text: string) => {
        const role = parseRole(text)
        await change(read(), username, { role })
        say(`The role of ${username} is ${role} now.`)
      }),
}

export const disableuserCommand: CliCommand = {
  name: 'disableuser',
  define: (command, read) =>
    command
      .description('refuse a user from now on, tokens and sessions included; what the user stored stays')
      .argument('<name>', 'the user')
      .action(async (username: string) => {
        await change(read(), username, { disabled: true })
        say(`${username} is disabled.`)
      }),
}

export const enableuserCommand: CliCommand = {
  name: 'enableuser',
  define: (command, read) =>
    command
      .description('let in a user again who was disabled')
      .argument('<name>', 'the user')
      .action(async (username: string) => {
        await change(read(), username, { disabled: false })
        say(`${username} is enabled.`)
      }),
}

export const listusersCommand: CliCommand = {
  name: 'listusers',
  define: (command, read) =>
    command
      .description('list the users')
      .option('--json', 'as JSON, as GET /users/ has them')
      .action(async ({ json }: { json?: true }) => {
        await withDatabase(read(), async (database) => {
          const users = await database.read(listUsers, { limit: Number.MAX_SAFE_INTEGER, offset: 0 })
          if (json) return say(JSON.stringify(users.map(toUser), null, 2))
          const rows = users.map((user) => [
            String(user.id),
            user.username,
            user.role,
            userStatusOf(user),
            formatWithoutFraction(user.createdAt),
            user.email,
          ])
          for (const line of table([['ID', 'USER', 'ROLE', 'STATUS', 'CREATED', 'EMAIL'], ...rows])) say(line)
        })
      }),
}

function userStatusOf({ disabled, passwordHash }: UserRow): string {
  if (disabled) return 'disabled'
  return passwordHash === null ? 'no password' : 'active'
}

/** @throws Failure when there is no such user; Conflict when no administrator would be left. */
async function change(settings: Settings, username: string, value: UserChange): Promise<void> {
  await withDatabase(settings, async (database) => {
    const user = await database.read(findAnyUserQuery, username)
    if (!user) throw userNotFound(username)
    await database.write(changeUser, { id: user.id, actor: commandLineActor(now()), value })
  })
}

export function userNotFound(username: string): Failure {
  return new Failure(`There is no user named ${username}.`)
}
