// The commands backup and restore.

import { existsSync, realpathSync, rmSync, statSync } from 'node:fs'
import { setPriority } from 'node:os'
import { dirname, resolve } from 'node:path'
import { enumerate } from '../operations/backups/faults'
import { makeBackup } from '../operations/backups/make'
import { copyOf, partOf } from '../operations/backups/part-file'
import { restoreBackup } from '../operations/backups/restore'
import { inspectDatabase } from '../storage/sqlite/connection'
import { migrations } from '../storage/sqlite/migrations'
import type { CliCommand } from './cli-command'
import { requireFolder } from './folder'
import { Failure, say, warn } from './terminal'

const MAX_NAMES = 3
/** A running server comes before the backup. */
const LOWEST_PRIORITY = 19

export const backupCommand: CliCommand = {
  name: 'backup',
  define: (command, read) =>
    command
      .description('back up the database and the stored files, beside a running server, too')
      .argument('<file>', 'where to')
      .option('--no-files', 'leave the stored files out: the database alone')
      .option('--force', 'replace the file if it exists')
      .action(async (target: string, options: { files: boolean; force?: true }) => {
        const { database: path } = read()
        if (inspectDatabase(path) === 0)
          throw new Failure(`${path} is no database yet: there is nothing to back up.`)
        inspectTarget(target, path, options.force ?? false)
        setPriority(LOWEST_PRIORITY)
        const keep = deleteWhenStopped(target)
        const { bytes, databaseBytes, files, missing } = await makeBackup(path, target, options.files)
        keep()
        const content = `a database of ${mebibytes(databaseBytes)}${options.files ? ` and ${files} stored files` : ''}`
        say(`${target}: ${mebibytes(bytes)}, with ${content}.`)
        if (missing.length === 0) return
        warn(
          `Warning: ${missing.length} stored files are missing, the backup is without them: ${enumerate(missing.slice(0, MAX_NAMES), missing.length)}.`,
        )
      }),
}

export const restoreCommand: CliCommand = {
  name: 'restore',
  define: (command, read) =>
    command
      .description(
        'put a backup in the place of the database, once it is verified; the server must be stopped',
      )
      .argument('<file>', 'that backup has made')
      .option('--force', 'restore it although stored files or derived data in it are wrong')
      .action(async (backup: string, { force = false }: { force?: boolean }) => {
        const { database: path } = read()
        const { description, kept } = await restoreBackup(backup, path, { acceptFaults: force })
        say(`${path} is as it was at ${description.made_at}.`)
        if (kept) {
          const files = existsSync(`${kept}.files`) ? `, its stored files in ${kept}.files` : ''
          say(`What was there before is kept in ${kept}${files}.`)
        }
        if (!description.with_files)
          say(`The backup has no stored files: those in ${path}.files were left as they are.`)
        if (description.schema < migrations.length)
          say('It is of an earlier version: the next start upgrades it.')
      }),
}

/** @throws Failure */
function inspectTarget(target: string, path: string, force: boolean): void {
  requireFolder(dirname(resolve(target)), target)
  if (!existsSync(target)) return
  if (statSync(target).isDirectory())
    throw new Failure(`${target} is a folder: give the name of a file in it.`)
  if (realpathSync(target) === realpathSync(path)) throw new Failure(`${target} is the database itself.`)
  if (!force) throw new Failure(`${target} exists already: choose another name, or replace it with --force.`)
}

/** On Ctrl-C or SIGTERM, deletes the unfinished backup and exits. @returns a function that removes the handlers */
function deleteWhenStopped(target: string): () => void {
  const stop = () => {
    for (const path of [partOf(target), copyOf(target)]) {
      for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    }
    warn(`Stopped: ${target} was not made.`)
    process.exit(1)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  return () => process.off('SIGINT', stop).off('SIGTERM', stop)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}
