// What is wrong with a database that can be read, in sentences: what `check` says, and what is not restored.

import { FileStore } from '../../blobs/store'
import { checkFiles } from '../../results/files/check'
import { type Deviation, findDeviations } from '../../results/jobs/kept-numbers'
import type { Connection } from '../../storage/query'
import { findLostReferences } from '../../storage/sqlite/integrity'

const MAX_NAMES = 3

/** Its references, and every number that is kept against the rows it counts. */
export function faultsOfRows(connection: Connection): string[] {
  connection.execute('BEGIN')
  try {
    return [...findLostReferences(connection), ...findDeviations(connection).map(sentenceOf)]
  } finally {
    connection.execute('ROLLBACK') // temporary tables go with it
  }
}

/**
 * The stored contents against their rows.
 *
 * @param folder  where they lie.
 * @param hashing  reads them all, too.
 */
export async function faultsOfFiles(
  connection: Connection,
  folder: string,
  hashing: boolean,
): Promise<string[]> {
  const { faults } = await checkFiles(connection, FileStore.beside(folder), { hashing })
  return [...faults].map(
    ([fault, hashes]) =>
      `${hashes.length} stored files are ${fault}: ${enumerate(hashes.slice(0, MAX_NAMES), hashes.length)}.`,
  )
}

export function sentenceOf({ what, count, places }: Deviation): string {
  return `${count} ${what}: ${enumerate(places, count)}.`
}

export function enumerate(names: string[], count: number): string {
  return names.join(', ') + (count > names.length ? ' and others' : '')
}
