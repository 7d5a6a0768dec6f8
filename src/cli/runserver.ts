// The command runserver: starts the server, and closes everything when it stops.

import { dirname, resolve } from 'node:path'
import type { Logger } from 'pino'
import { version } from '../../package.json'
import { hasUsers } from '../auth/queries'
import { FileStore } from '../blobs/store'
import { now } from '../lib/clock'
import { Maintenance } from '../operations/maintenance'
import { createApp } from '../server/app'
import { features } from '../server/features'
import { type Address, checkAddress, parseAddress, startServer, urlOf } from '../server/listener'
import { createServices } from '../server/services'
import { parserThreads } from '../server/workers/parser-thread'
import { readerThread } from '../server/workers/reader-thread'
import { writerThread } from '../server/workers/writer-thread'
import { DiskSpaceGuard } from '../storage/disk-space-guard'
import { inspectDatabase } from '../storage/sqlite/connection'
import { refuseIfInUse } from '../storage/sqlite/in-use'
import { lockDatabase } from '../storage/sqlite/server-lock'
import { readCertificate } from './certificate'
import type { CliCommand } from './cli-command'
import { openDatabase } from './database'
import { requireFolder } from './folder'
import { createLog } from './log'
import type { Settings } from './settings'
import { Failure, say, UsageError } from './terminal'

/** The process exits this many milliseconds after everything is closed. */
const EXIT_AFTER_MS = 200

/** For how long the start waits for another command that uses the database, in milliseconds. */
const COMMAND_MS = 5000

export const runserverCommand: CliCommand = {
  name: 'runserver',
  settings: 'serving',
  define: (command, read) =>
    command
      .description('serve, until SIGTERM or Ctrl-C; the database is created or upgraded first')
      .argument(
        '[[address:]port]',
        'where to listen, such as 0.0.0.0:9405 or [::]:9405 (default: 127.0.0.1:9405)',
      )
      .action(async (text: string | undefined) => {
        const address = parseAddress(text)
        if (!address)
          throw new UsageError(`"${text}" is no address: give [ADDRESS:]PORT, such as 0.0.0.0:9405.`)
        const settings = read()
        const version = inspectDatabase(settings.database)
        if (settings.backupTo) requireFolder(resolve(settings.backupTo), 'backups')
        // Two servers on one database would sweep each other's unfinished imports.
        using _lock = lockDatabase(settings.database)
        if (version > 0) refuseIfInUse(settings.database, { timeoutMs: COMMAND_MS })
        checkAddress(address) // a busy port must not leave an upgraded database behind
        await serve(address, settings)
      }),
}

/**
 * Serves until a signal comes, then closes everything.
 *
 * @throws Failure when the writer has ended by itself: a restart is better than a server that can only read.
 */
export async function serve(address: Address, settings: Settings): Promise<void> {
  const { durability, queryTimeout } = settings
  const certificate = readCertificate(settings)
  const { database, notes } = openDatabase(settings, {
    durability,
    startWriter: writerThread(),
    startReader: readerThread(),
    queryTimeoutSeconds: queryTimeout,
  })
  for (const note of notes) say(note)
  const log = createLog(settings.logLevel)
  const documents = parserThreads()
  try {
    const diskSpace = new DiskSpaceGuard(dirname(resolve(settings.database)), settings.minFree, log)
    const files = FileStore.open(`${settings.database}.files`, diskSpace)
    const services = createServices({
      database,
      files,
      documents,
      diskSpace,
      log,
      clock: now,
      config: settings,
    })
    for (const feature of features) await feature.prepare?.(services)
    const app = createApp(services)
    const welcome = (await database.read(hasUsers))
      ? []
      : ['There is no user yet. Create an administrator with: avocado-server createsuperuser']
    const stopped = nextSignal() // before "Listening on": whoever reads that may stop the server at once
    const server = startServer(address, app.fetch, certificate)
    say(`avocado-server ${version}, database ${resolve(settings.database)}`)
    for (const line of welcome) say(line)
    const url = urlOf(server.address, certificate ? 'https' : 'http')
    const renew = () => renewCertificate(server, settings, log)
    if (certificate) process.on('SIGHUP', renew)
    say(`Listening on ${url} - stop with Ctrl-C`)
    const maintenance = new Maintenance(services, settings, features)
    const loss = await Promise.race([stopped, database.writerLost])
    process.off('SIGHUP', renew)
    app.close()
    await Promise.all([server.stop(), maintenance.stop()])
    await app.flush()
    if (loss) {
      throw new Failure(
        `The writer has ended unexpectedly (${loss.message}). What was acknowledged is stored: start the server again.`,
      )
    }
  } finally {
    documents.close()
    await database.close()
    exitSoon()
  }
}

/** Exits even if an import that was cut off still reads what it has received; none of that is stored any more. */
function exitSoon(): void {
  setTimeout(() => process.exit(), EXIT_AFTER_MS).unref()
}

/** Reads the certificate again on SIGHUP. If the files cannot be used, the server keeps the old certificate. */
function renewCertificate(server: ReturnType<typeof startServer>, settings: Settings, log: Logger): void {
  try {
    const certificate = readCertificate(settings)
    if (!certificate) return
    server.renew(certificate)
    log.info('the certificate was read again')
  } catch (error) {
    log.error(`the certificate stays as it was: ${(error as Error).message}`)
  }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
}
