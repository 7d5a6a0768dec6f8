// The command audit: prints the audit log.

import { toEntry } from '../audit/model'
import { allEntries, type EntryFilter, type EntryRow } from '../audit/queries'
import { now } from '../lib/clock'
import { type Microseconds, parseDuration, parseTime } from '../lib/time'
import type { CliCommand } from './cli-command'
import { withDatabase } from './database'
import { formatWithoutFraction, table } from './table'
import { say, UsageError } from './terminal'

export const auditCommand: CliCommand = {
  name: 'audit',
  define: (command, read) =>
    command
      .description('show who did what: sign-ins, changes to users and tokens, deletions; the newest last')
      .option('--since <time>', 'from then on: a duration back, such as 7d, 12h or 30m, or a time')
      .option('--user <name>', 'what this user did, and what was done to it')
      .option('--json', 'as JSON, one entry a line')
      .action(async ({ since, user, json }: { since?: string; user?: string; json?: true }) => {
        const settings = read()
        const filter: EntryFilter = {
          ...(since !== undefined && { time_after: timeOf(since, settings.zone) }),
          ...(user !== undefined && { user }),
        }
        await withDatabase(settings, async (database) => {
          const entries = (await database.read(allEntries, filter)).reverse()
          if (json) for (const entry of entries) say(JSON.stringify(toEntry(entry)))
          else for (const line of table([HEAD, ...entries.map(rowOf)])) say(line)
        })
      }),
}

const HEAD = ['TIME', 'WHO', 'FROM', 'ACTION', 'WHAT', 'DETAIL']

function rowOf({ at, until, times, name, address, action, object, detail }: EntryRow): string[] {
  const repeated = times > 1 ? `${times} times until ${formatWithoutFraction(until)}` : ''
  return [
    formatWithoutFraction(at),
    name,
    address,
    action,
    object,
    [detail, repeated].filter(Boolean).join(', '),
  ]
}

function timeOf(text: string, zone: string): Microseconds {
  const duration = parseDuration(text)
  const time = duration === undefined ? parseTime(text, zone) : now() - duration
  if (time !== undefined) return time
  throw new UsageError(
    `--since: "${text}" is neither a duration such as 7d nor a time such as 2026-11-24T12:00.`,
  )
}
