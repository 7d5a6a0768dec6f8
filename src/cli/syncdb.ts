// The command syncdb: creates or upgrades the database.

import { ensureAdministrator, offerAdministrator } from './administrator'
import type { CliCommand } from './cli-command'
import { openDatabase } from './database'
import { say, UsageError } from './terminal'

interface Options {
  verbosity: string
  noinput?: true
  ensureAdministrator?: true
}

export const syncdbCommand: CliCommand = {
  name: 'syncdb',
  define: (command, read) =>
    command
      .alias('migrate')
      .description('create or upgrade the database')
      .option('-v, --verbosity <level>', 'how much to tell, 0 to 3', '1')
      .option('--noinput', 'ask nothing')
      .option(
        '--ensure-administrator',
        'create the administrator admin if there is no user yet, with a password that is asked for on a terminal and otherwise made and shown once',
      )
      .action(async (options: Options) => {
        if (!/^[0-3]$/.test(options.verbosity)) throw new UsageError('-v takes a number from 0 to 3.')
        const { database, migrated, notes } = openDatabase(
          read(),
          {},
          options.verbosity === '0' ? () => {} : say,
        )
        try {
          if (options.verbosity !== '0') {
            const steps =
              migrated.length === 0 ? 'is up to date' : `was brought up to date: ${migrated.join(', ')}`
            say(`${database.path} ${steps}.`)
            for (const note of notes) say(note)
          }
          if (options.ensureAdministrator) await ensureAdministrator(database)
          else if (!options.noinput) await offerAdministrator(database)
        } finally {
          await database.close()
        }
      }),
}
