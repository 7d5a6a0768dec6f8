// Describes, in sentences, what is wrong with a readable database. `check` prints them; `restore` refuses the backup.

import { findWrongIncidents } from '../../analysis/known-issues/check'
import { findWrongAnalyses } from '../../analysis/series/check'
import { FileStore } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { checkFiles } from '../../results/files/check'
import { findInconsistencies, type Inconsistency } from '../../results/jobs/derived-data'
import type { Connection } from '../../storage/query'
import { findLostReferences } from '../../storage/sqlite/integrity'
import type { SqliteConnection } from '../../storage/sqlite/sqlite-connection'

const MAX_NAMES = 3

/** Lost references, and derived data that does not match its rows. @param now  which runs are in the window */
export async function faultsOfRows(connection: SqliteConnection, now: Microseconds): Promise<string[]> {
  connection.execute('BEGIN')
  try {
    const inconsistencies = [
      ...findInconsistencies(connection),
      ...(await findWrongAnalyses(connection, now)),
      ...(await findWrongIncidents(connection)),
    ]
    return [...findLostReferences(connection), ...inconsistencies.map(sentenceOf)]
  } finally {
    connection.execute('ROLLBACK') // temporary tables go with it
  }
}

/**
 * Compares the stored files with their rows.
 *
 * @param folder  the folder of the stored files.
 * @param hashing  whether to read every file and compare its hash.
 */
export async function faultsOfFiles(
  connection: Connection,
  folder: string,
  hashing: boolean,
): Promise<string[]> {
  const { faults } = await checkFiles(connection, FileStore.openReadOnly(folder), { hashing })
  return [...faults].map(
    ([fault, hashes]) =>
      `${hashes.length} stored files are ${fault}: ${enumerate(hashes.slice(0, MAX_NAMES), hashes.length)}.`,
  )
}

export function sentenceOf({ what, count, examples }: Inconsistency): string {
  return `${count} ${what}: ${enumerate(examples, count)}.`
}

export function enumerate(names: string[], count: number): string {
  return names.join(', ') + (count > names.length ? ' and others' : '')
}
