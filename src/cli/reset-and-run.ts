// The command reset-and-run: deletes the database, and serves a new one.

import { rmSync } from 'node:fs'
import { checkAddress } from '../server/listener'
import { inspectDatabase } from '../storage/sqlite/connection'
import { refuseIfInUse } from '../storage/sqlite/in-use'
import { lockDatabase } from '../storage/sqlite/server-lock'
import { ensureAdministrator } from './administrator'
import { readCertificate } from './certificate'
import type { CliCommand } from './cli-command'
import { openDatabase } from './database'
import { serve } from './runserver'
import { confirm, Failure, isTerminal, UsageError } from './terminal'

const ADDRESS = { hostname: '0.0.0.0', port: 9405 }

export const resetAndRunCommand: CliCommand = {
  name: 'reset-and-run',
  settings: 'serving',
  define: (command, read) =>
    command
      .description('delete the database, create a new one with an administrator, serve on 0.0.0.0:9405')
      .option('--noinput', 'do not ask before the database is deleted')
      .action(async ({ noinput }: { noinput?: true }) => {
        const settings = read()
        readCertificate(settings) // fails before the database is deleted
        const path = settings.database
        const exists = inspectDatabase(path) > 0 // throws if the file is another program's, which must not be deleted
        using _lock = lockDatabase(path)
        if (exists) refuseIfInUse(path)
        if (exists && !noinput) {
          if (!isTerminal())
            throw new UsageError(`Without a terminal, --noinput is needed to delete ${path}.`)
          if (!(await confirm(`Delete ${path} with everything in it?`, false)))
            throw new Failure('Nothing was deleted.')
        }
        await checkAddress(ADDRESS)
        for (const suffix of ['', '-wal', '-shm', '.files'])
          rmSync(path + suffix, { force: true, recursive: true })
        const { database } = openDatabase(settings)
        try {
          await ensureAdministrator(database)
        } finally {
          await database.close()
        }
        await serve(ADDRESS, settings)
      }),
}
