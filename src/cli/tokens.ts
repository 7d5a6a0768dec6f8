// The commands createtoken, listtokens and deletetoken.

import { commandLineActor } from '../audit/log'
import { hashToken, makeToken } from '../auth/credentials'
import { findUserQuery } from '../auth/queries'
import { addToken, deleteToken, listAllTokens } from '../auth/token-queries'
import { now } from '../lib/clock'
import { NotFound } from '../lib/errors'
import { isAtMost, lesserOf, roleNames } from '../lib/roles'
import { type Microseconds, parseDuration } from '../lib/time'
import type { CliCommand } from './cli-command'
import { withDatabase } from './database'
import { parseRole, roleMeanings } from './roles'
import { formatWithoutFraction, table } from './table'
import { Failure, say, UsageError } from './terminal'
import { userNotFound } from './users'

export const createtokenCommand: CliCommand = {
  name: 'createtoken',
  define: (command, read) =>
    command
      .description('make a token for a client: `Authorization: Bearer TOKEN`')
      .requiredOption('--user <name>', 'whose token it is')
      .option('--role <role>', `what it may do, at most what the user may: ${roleNames.join(', ')}`)
      .option('--name <label>', 'what it is for', '')
      .option('--expires <duration>', 'after which it is refused, such as 90d, 12h or 30m; never unless told')
      .addHelpText('after', `\n${roleMeanings}`)
      .action(async (options: { user: string; role?: string; name: string; expires?: string }) => {
        const actor = commandLineActor(now())
        const expires = options.expires === undefined ? null : actor.at + parseExpiry(options.expires)
        const role = options.role === undefined ? undefined : parseRole(options.role)
        await withDatabase(read(), async (database) => {
          const username = options.user
          const user = await database.read(findUserQuery, username)
          if (!user) throw userNotFound(username)
          if (role && !isAtMost(role, user.role)) {
            throw new Failure(`${username} is ${user.role}: a token of ${username} cannot be ${role}.`)
          }
          const token = makeToken()
          const row = { username, label: options.name, hash: hashToken(token), role, expires, actor }
          const { id } = await database.write(addToken, row)
          say(token)
          process.stderr.write(
            `Token ${id} of ${username}, ${role ?? user.role}. It is shown this once: keep it now.\n`,
          )
        })
      }),
}

export const listtokensCommand: CliCommand = {
  name: 'listtokens',
  define: (command, read) =>
    command.description('list the tokens, without what makes them valid').action(async () => {
      await withDatabase(read(), async (database) => {
        const rows = (await database.read(listAllTokens)).map(
          ({ id, username, label, role, userRole, createdAt, expiresAt, lastUsedAt }) => [
            String(id),
            username,
            label,
            lesserOf(role, userRole),
            formatWithoutFraction(createdAt),
            expiresAt === null ? 'never' : formatWithoutFraction(expiresAt),
            lastUsedAt === null ? 'never' : formatWithoutFraction(lastUsedAt),
          ],
        )
        const head = ['ID', 'USER', 'NAME', 'ROLE', 'CREATED', 'EXPIRES', 'LAST USED']
        for (const line of table([head, ...rows])) say(line)
      })
    }),
}

export const deletetokenCommand: CliCommand = {
  name: 'deletetoken',
  define: (command, read) =>
    command
      .description('end a token at once')
      .argument('<id>', 'its number, as listtokens shows it')
      .action(async (text: string) => {
        if (!/^\d{1,15}$/.test(text))
          throw new UsageError(`"${text}" is no number of a token: listtokens shows them.`)
        await withDatabase(read(), async (database) => {
          try {
            await database.write(deleteToken, { id: Number(text), actor: commandLineActor(now()) })
          } catch (error) {
            if (error instanceof NotFound) throw new Failure(`There is no token ${text}.`)
            throw error
          }
          say(`Token ${text} deleted.`)
        })
      }),
}

function parseExpiry(text: string): Microseconds {
  const duration = parseDuration(text)
  if (!duration) throw new UsageError(`--expires: "${text}" is no duration such as 90d, 12h or 30m.`)
  return duration
}
