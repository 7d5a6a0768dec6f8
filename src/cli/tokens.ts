// createtoken, listtokens, deletetoken

import type { Command } from 'commander'
import { hashToken, makeToken } from '../auth/credentials'
import { findUser } from '../auth/queries'
import { addToken, deleteToken, listTokens } from '../auth/token-queries'
import type { Settings } from '../config'
import { NotFound } from '../http/errors'
import { formatTime, type Microseconds, parseDuration } from '../time'
import { now } from './clock'
import { withDatabase } from './database'
import { Failure, say, WrongUsage } from './terminal'
import { noUser } from './users'

export function addCreatetoken(program: Command, read: () => Settings): void {
  program
    .command('createtoken')
    .description('make a token for a client: `Authorization: Bearer TOKEN`')
    .requiredOption('--user <name>', 'whose rights it has')
    .option('--name <label>', 'what it is for', '')
    .option('--expires <duration>', 'after which it is refused, such as 90d, 12h or 30m; never unless told')
    .action(async (options: { user: string; name: string; expires?: string }) => {
      const created = now()
      const expires = options.expires === undefined ? null : created + readExpiry(options.expires)
      await withDatabase(read(), async (database) => {
        const username = options.user
        if (!database.read((connection) => findUser(connection, username))) throw noUser(username)
        const token = makeToken()
        const row = { username, label: options.name, hash: hashToken(token), now: created, expires }
        const { id } = await database.write(addToken, row)
        say(token)
        process.stderr.write(`Token ${id} of ${username}. It is shown this once: keep it now.\n`)
      })
    })
}

export function addListtokens(program: Command, read: () => Settings): void {
  program
    .command('listtokens')
    .description('list the tokens, without what makes them valid')
    .action(async () => {
      await withDatabase(read(), async (database) => {
        const rows = database
          .read(listTokens)
          .map(({ id, username, label, createdAt, expiresAt }) => [
            String(id),
            username,
            label,
            toSeconds(createdAt),
            expiresAt === null ? 'never' : toSeconds(expiresAt),
          ])
        for (const line of table([['ID', 'USER', 'NAME', 'CREATED', 'EXPIRES'], ...rows])) say(line)
      })
    })
}

export function addDeletetoken(program: Command, read: () => Settings): void {
  program
    .command('deletetoken')
    .description('end a token at once')
    .argument('<id>', 'its number, as listtokens shows it')
    .action(async (text: string) => {
      if (!/^\d{1,15}$/.test(text))
        throw new WrongUsage(`"${text}" is no number of a token: listtokens shows them.`)
      await withDatabase(read(), async (database) => {
        try {
          await database.write(deleteToken, { id: Number(text) })
        } catch (error) {
          if (error instanceof NotFound) throw new Failure(`There is no token ${text}.`)
          throw error
        }
        say(`Token ${text} deleted.`)
      })
    })
}

function readExpiry(text: string): Microseconds {
  const duration = parseDuration(text)
  if (!duration) throw new WrongUsage(`--expires: "${text}" is no duration such as 90d, 12h or 30m.`)
  return duration
}

function toSeconds(time: Microseconds): string {
  return formatTime(time - (time % 1_000_000))
}

/** Lines with the columns aligned. */
function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
