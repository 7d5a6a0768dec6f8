// The command check: checks the database or a backup, and can repair derived numbers.

import { repairIncidents } from '../analysis/known-issues/check'
import { repairAnalyses } from '../analysis/series/check'
import { now } from '../lib/clock'
import { faultsOfFiles, faultsOfRows, sentenceOf } from '../operations/backups/faults'
import { checkBackup } from '../operations/backups/restore'
import { hiddenJobs } from '../results/jobs/deletion'
import { repairDerivedData } from '../results/jobs/derived-data'
import { openConnection } from '../storage/sqlite/connection'
import { refuseIfInUse } from '../storage/sqlite/in-use'
import { findDamage } from '../storage/sqlite/integrity'
import type { SqliteConnection } from '../storage/sqlite/sqlite-connection'
import type { CliCommand } from './cli-command'
import { requireDatabase, withDatabase } from './database'
import type { Settings } from './settings'
import { Failure, say } from './terminal'

interface Options {
  files?: boolean
  repair?: boolean
  backup?: string
}

export const checkCommand: CliCommand = {
  name: 'check',
  define: (command, read) =>
    command
      .description('find out whether the database is sound; works beside a running server')
      .option('--files', 'read all stored files, too, and compare them with their hashes')
      .option('--backup <file>', 'find out instead whether this backup can be restored; takes room beside it')
      .option(
        '--repair',
        'derive the counters, the search indexes and the analysis of runs again; not beside a running server',
      )
      .action(async ({ files = false, repair = false, backup }: Options) => {
        if (backup !== undefined) {
          const { made_at } = await checkBackup(backup)
          return say(`${backup} is sound: the database as it was at ${made_at}.`)
        }
        const settings = read()
        requireDatabase(settings.database)
        // A repair holds the lock to its end, and a server would refuse all writes meanwhile.
        if (repair) refuseIfInUse(settings.database)
        const connection = openConnection(settings.database)
        try {
          refuseDamage(connection, settings.database)
          if (repair) await repairDerived(settings)
          const faults = [
            ...(await faultsOfRows(connection, now())),
            ...(await faultsOfFiles(connection, `${settings.database}.files`, files)),
          ]
          if (faults.length > 0) throw new Failure(faults.join('\n'))
          say(`${settings.database} is sound.`)
          const hidden = (await hiddenJobs.run(connection, {})).length
          if (hidden > 0) say(`${hidden} jobs are being written or deleted, or were when the server crashed.`)
        } finally {
          connection.close()
        }
      }),
}

/** Stops at a damaged file: its rows cannot be trusted, and it must not be written to. */
function refuseDamage(connection: SqliteConnection, path: string): void {
  const damage = findDamage(connection)
  if (damage.length === 0) return
  throw new Failure(
    [`${path} is damaged: restore it from a backup. SQLite says:`, ...damage.map((line) => `  ${line}`)].join(
      '\n',
    ),
  )
}

async function repairDerived(settings: Settings): Promise<void> {
  const repaired = await withDatabase(settings, async (database) => [
    ...(await database.write(repairDerivedData, {})),
    ...(await repairAnalyses({ database, clock: now })),
    ...(await repairIncidents(database)),
  ])
  for (const inconsistency of repaired) say(`Repaired: ${sentenceOf(inconsistency)}`)
  if (repaired.length === 0) say('There was nothing to repair.')
}
