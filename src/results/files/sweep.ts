// Removes contents that no job and no test names any more: first the rows, then the files beside the database.

import { deleteUnnamedFiles, isStored } from '../core/files'
import type { ResultServices } from '../core/services'

/** How many contents one transaction looks at. */
const MAX_ROWS = 500

/** Removes the contents that nothing names, such as those of deleted jobs. */
export async function sweepUnnamed({
  database,
  files,
}: Pick<ResultServices, 'database' | 'files'>): Promise<void> {
  for (;;) {
    const { examined, hashes } = await database.write(deleteUnnamedFiles, { limit: MAX_ROWS })
    for (const hash of hashes)
      files.remove(hash, (hash) => database.read((connection) => isStored(connection, hash)))
    if (examined === 0) return
  }
}

/** At the start: also removes files that a crash left without a row. */
export async function sweepFiles(services: Pick<ResultServices, 'database' | 'files'>): Promise<void> {
  await sweepUnnamed(services)
  const { database, files } = services
  await files.sweep((hash) => database.read((connection) => isStored(connection, hash)))
}
