import type { Command } from 'commander'
import type { Settings } from '../config'
import { checkFiles } from '../files/check'
import { FileStore } from '../files/store'
import { type Deviation, findDeviations, repairKept } from '../jobs/kept-numbers'
import { hiddenJobs } from '../jobs/queries'
import type { Connection } from '../storage/query'
import { findDamage, findLostReferences } from '../storage/soundness'
import { openConnection, refuseIfInUse } from '../storage/sqlite'
import { requireDatabase, withDatabase } from './database'
import { Failure, say } from './terminal'

const MAX_NAMES = 3

export function addCheck(program: Command, read: () => Settings): void {
  program
    .command('check')
    .description('find out whether the database is sound; works beside a running server')
    .option('--files', 'read all stored files, too, and compare them with their hashes')
    .option('--repair', 'make the numbers that are kept anew from the rows; not beside a running server')
    .action(async ({ files = false, repair = false }: { files?: boolean; repair?: boolean }) => {
      const settings = read()
      requireDatabase(settings.database)
      // It would hold the lock for as long as it takes, and the server would refuse what is sent meanwhile.
      if (repair) refuseIfInUse(settings.database)
      const connection = openConnection(settings.database)
      try {
        refuseDamage(connection, settings.database)
        if (repair) await repairNumbers(settings)
        const faults = [
          ...inOneState(connection, (connection) => [
            ...findLostReferences(connection),
            ...findDeviations(connection).map(sentenceOf),
          ]),
          ...(await faultsOfFiles(connection, settings.database, files)),
        ]
        if (faults.length > 0) throw new Failure(faults.join('\n'))
        say(`${settings.database} is sound.`)
        const hidden = hiddenJobs(connection).length
        if (hidden > 0) say(`${hidden} jobs are being written or deleted, or were when the server crashed.`)
      } finally {
        connection.close()
      }
    })
}

/** What else can be read from a damaged file is not to be trusted, nor is it to be written to. */
function refuseDamage(connection: Connection, path: string): void {
  const damage = findDamage(connection)
  if (damage.length === 0) return
  throw new Failure(
    [`${path} is damaged: restore it from a backup. SQLite says:`, ...damage.map((line) => `  ${line}`)].join(
      '\n',
    ),
  )
}

/** With everything undone at the end, temporary tables included. */
function inOneState<T>(connection: Connection, work: (connection: Connection) => T): T {
  connection.execute('BEGIN')
  try {
    return work(connection)
  } finally {
    connection.execute('ROLLBACK')
  }
}

async function repairNumbers(settings: Settings): Promise<void> {
  const repaired = await withDatabase(settings, (database) => database.write(repairKept, {}))
  for (const deviation of repaired) say(`Repaired: ${sentenceOf(deviation)}`)
  if (repaired.length === 0) say('There was nothing to repair.')
}

async function faultsOfFiles(connection: Connection, path: string, hashing: boolean): Promise<string[]> {
  const { faults } = await checkFiles(connection, FileStore.beside(`${path}.files`), { hashing })
  return [...faults].map(
    ([fault, hashes]) =>
      `${hashes.length} stored files are ${fault}: ${enumerate(hashes.slice(0, MAX_NAMES), hashes.length)}.`,
  )
}

function sentenceOf({ what, count, places }: Deviation): string {
  return `${count} ${what}: ${enumerate(places, count)}.`
}

function enumerate(names: string[], count: number): string {
  return names.join(', ') + (count > names.length ? ' and others' : '')
}
