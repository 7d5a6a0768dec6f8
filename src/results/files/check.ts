// Checks the stored file contents against the rows of the table `file`.

import { sql } from 'kysely'
import type { FileStore } from '../../blobs/store'
import { type Connection, query, tables } from '../../storage/query'
import { hexOf, isStored } from '../core/files'

type Fault = 'missing' | 'of the wrong size' | 'damaged'

/** How many rows one query reads. */
const ROWS = 500

const contents = query<{ after: number }>()((param) =>
  tables
    .selectFrom('file')
    .select(['id', 'hash', 'size', 'stored_size', sql<number | null>`length(content)`.as('in_row')])
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(ROWS),
)
const contentOf = query<{ id: number }>()((param) =>
  tables.selectFrom('file').select('content').where('id', '=', param('id')),
)

interface Row {
  id: number
  hash: Uint8Array
  size: number
  stored_size: number
  in_row: number | null
}

/**
 * Compares the contents with their rows. A server may run at the same time.
 *
 * @param hashing  also reads and hashes all contents.
 * @returns the number of contents, and the hashes of those with each fault.
 */
export async function checkFiles(
  connection: Connection,
  files: Pick<FileStore, 'sizeOf' | 'read'>,
  { hashing }: { hashing: boolean },
): Promise<{ count: number; faults: Map<Fault, string[]> }> {
  const faults = new Map<Fault, string[]>()
  let count = 0
  for (let after = 0; ; ) {
    const rows: Row[] = await connection.all(contents, { after })
    for (const row of rows) {
      const fault =
        faultOfSize(files, row) ?? (hashing ? await faultOfContent(connection, files, row) : undefined)
      // A server may have deleted the content and its row in the meantime.
      if (!fault || !(await isStored.run(connection, hexOf(row.hash)))) continue
      faults.set(fault, [...(faults.get(fault) ?? []), hexOf(row.hash)])
    }
    count += rows.length
    const last = rows.at(-1)
    if (!last) return { count, faults }
    after = last.id
  }
}

function faultOfSize(
  files: Pick<FileStore, 'sizeOf'>,
  { hash, size, stored_size, in_row }: Row,
): Fault | undefined {
  if (in_row !== null) return in_row === size ? undefined : 'of the wrong size'
  const stored = files.sizeOf(hexOf(hash))
  if (stored === undefined) return 'missing'
  return stored === stored_size ? undefined : 'of the wrong size'
}

async function faultOfContent(
  connection: Connection,
  files: Pick<FileStore, 'read'>,
  { id, hash, size, in_row }: Row,
): Promise<Fault | undefined> {
  const hasher = new Bun.CryptoHasher('sha256')
  try {
    if (in_row !== null) hasher.update((await connection.first(contentOf, { id }))?.content ?? '')
    else for await (const chunk of files.read(hexOf(hash), size)) hasher.update(chunk)
  } catch {
    return 'damaged' // it cannot be decompressed
  }
  return hasher.digest('hex') === hexOf(hash) ? undefined : 'damaged'
}
