// Deletes contents that no job or test refers to: first their rows, then their files in the blob store.

import { deleteUnreferencedFiles, isStored } from '../core/files'
import type { ResultServices } from '../core/services'

/** How many contents one transaction examines. */
const MAX_ROWS = 500

/** Deletes contents without a path, such as those of deleted jobs. */
export async function sweepUnreferencedFiles({
  database,
  files,
}: Pick<ResultServices, 'database' | 'files'>): Promise<void> {
  for (;;) {
    const { examined, hashes } = await database.write(deleteUnreferencedFiles, { limit: MAX_ROWS })
    for (const hash of hashes) await files.remove(hash, (hash) => database.read(isStored, hash))
    if (examined === 0) return
  }
}

/** Runs when the server starts. It also deletes files that a crash left without a row. */
export async function sweepFiles(services: Pick<ResultServices, 'database' | 'files'>): Promise<void> {
  await sweepUnreferencedFiles(services)
  const { database, files } = services
  await files.sweep((hash) => database.read(isStored, hash))
}
