// The command redact: masks passwords and tokens that are already stored.

import { readdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { FileStore } from '../blobs/store'
import { now } from '../lib/clock'
import { redact } from '../operations/redaction/redact'
import type { CliCommand } from './cli-command'
import { withDatabase } from './database'
import { Failure, say, warn } from './terminal'

export const redactCommand: CliCommand = {
  name: 'redact',
  define: (command, read) =>
    command
      .description(
        'mask passwords and tokens in what was stored before they were masked; works beside a running server',
      )
      .option('--dry-run', 'change nothing: say what would be masked')
      .action(async ({ dryRun = false }: { dryRun?: boolean }) => {
        const settings = read()
        const { masked, unreadable, isContinued } = await withDatabase(settings, (database) =>
          redact({ database, files: FileStore.openShared(`${settings.database}.files`), now, dryRun }),
        )
        if (isContinued) say('This went on where the last one was interrupted.')
        const found = masked.filter(({ count }) => count > 0)
        const what = found.map(({ noun, count }) => `${count} ${noun}`).join(', ')
        if (found.length === 0) say('There is nothing to mask.')
        else say(dryRun ? `Would be masked: ${what}.` : `Masked: ${what}.`)
        if (!dryRun) warnOfCopies(settings.database)
        if (unreadable.length === 0) return
        throw new Failure(
          `${unreadable.length} stored files are missing or damaged, and were left as they are: check --files names them.`,
        )
      }),
}

/** Warns of the copies of the database that still hold unmasked values: this command does not change them. */
function warnOfCopies(path: string): void {
  const name = basename(path)
  const copies = readdirSync(dirname(resolve(path))).filter((other) =>
    ['before-', 'replaced-'].some((kind) => other.startsWith(`${name}.${kind}`)),
  )
  const here = copies.length > 0 ? ` So do these beside the database: ${copies.sort().join(', ')}.` : ''
  warn(`Backups that were made before hold what they held: make a new one, and delete those.${here}`)
}
