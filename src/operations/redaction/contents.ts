// Masks files that were stored before secrets were masked. The masked content gets its own hash and row. The names of
// the file are moved to that row, some at a time. Then the old row and the old file are deleted.

import { sql } from 'kysely'
import type { FileStore, StoredContent } from '../../blobs/store'
import type { Microseconds } from '../../lib/time'
import { fileId, forgetFile, hexOf, isStored } from '../../results/core/files'
import { maskBytes } from '../../secrets/mask'
import { type Database, defineQuery, defineWrite } from '../../storage/database'
import { dynamicQuery, tables } from '../../storage/query'

/** Names that one transaction moves at most. */
const NAMES = 200
const MAX_TRIES = 10

const last = dynamicQuery('lastFile')(() =>
  tables.selectFrom('file').select((column) => column.fn.max('id').as('id')),
)
const next = dynamicQuery<{ after: number; until: number }>('nextFile')((param) =>
  tables
    .selectFrom('file')
    .select(['id', 'hash', 'size', 'content'])
    .where('id', '>', param('after'))
    .where('id', '<=', param('until'))
    .orderBy('id')
    .limit(1),
)
const nameQueries = (table: 'job_file' | 'test_file', owner: 'job' | 'test') => ({
  names: dynamicQuery<{ file: number; limit: number }>('namesOfFile')((param) =>
    tables
      .selectFrom(table as 'job_file')
      .select([sql.ref<number>(owner).as('owner'), 'path'])
      .where('file', '=', param('file'))
      .limit(param('limit')),
  ),
  rename: dynamicQuery<{ owner: number; path: string; file: number }>('renameFile')((param) =>
    tables
      .updateTable(table as 'job_file')
      .set({ file: param('file') })
      .where(sql.ref<number>(owner), '=', param('owner'))
      .where('path', '=', param('path')),
  ),
})
const kinds = [nameQueries('job_file', 'job'), nameQueries('test_file', 'test')]

interface FileToMask {
  id: number
  hash: Uint8Array
  size: number
  content: Uint8Array | null
}

/** The highest id of a file. */
export const lastFile = defineQuery(
  'lastFile',
  async (connection) => (await connection.first(last, {}))?.id ?? 0,
)

export const nextFile = defineQuery(
  'nextFile',
  (connection, range: { after: number; until: number }): Promise<FileToMask | undefined> =>
    connection.first(next, range),
)

/** Whether masking changes the file. @throws when the file is missing or damaged. */
export async function hasSecret(store: Pick<FileStore, 'read'>, file: FileToMask): Promise<boolean> {
  const hasher = new Bun.CryptoHasher('sha256')
  for await (const chunk of maskBytes(chunksOf(store, file))) hasher.update(chunk)
  return hasher.digest('hex') !== hexOf(file.hash)
}

/** Moves names of a file to the row of its masked content. @returns `isDone`: all are moved, and the row is deleted. */
export const moveNames = defineWrite(
  'moveFileNames',
  async (
    connection,
    { id, content, now }: { id: number; content: StoredContent; now: Microseconds },
  ): Promise<{ isDone: boolean }> => {
    const file = await fileId(connection, content, now)
    let room = NAMES
    for (const { names, rename } of kinds) {
      for (const name of await connection.all(names, { file: id, limit: room })) {
        await connection.run(rename, { ...name, file })
        connection.markChanged('job', 'any')
        room--
      }
      if (room === 0) return { isDone: false }
    }
    await forgetFile(connection, id)
    return { isDone: true }
  },
  { hasBytes: true },
)

/** Replaces a file by its masked content. */
export async function maskFile(
  database: Database,
  store: FileStore,
  file: FileToMask,
  now: () => Microseconds,
): Promise<void> {
  const masked = await putMasked(store, file)
  // A server that starts now may have swept the new file before a row named it. From now on a row does.
  let { isDone } = await database.write(moveNames, { id: file.id, content: masked, now: now() })
  for (let tries = 0; isMissing(store, masked); tries++) {
    if (tries === MAX_TRIES) throw new Error(`the content ${masked.hash} does not stay in the store`)
    await putMasked(store, file)
  }
  while (!isDone) ({ isDone } = await database.write(moveNames, { id: file.id, content: masked, now: now() }))
  // Nobody stores the old content again meanwhile, because new files are masked.
  if (file.content === null) await store.remove(hexOf(file.hash), (hash) => database.read(isStored, hash))
}

async function putMasked(store: FileStore, file: FileToMask): Promise<StoredContent> {
  using hold = store.hold()
  return await store.put(chunksOf(store, file), Number.POSITIVE_INFINITY, hold)
}

function isMissing(store: FileStore, { hash, content }: StoredContent): boolean {
  return content === null && store.sizeOf(hash) === undefined
}

async function* chunksOf(
  store: Pick<FileStore, 'read'>,
  { hash, size, content }: FileToMask,
): AsyncGenerator<Uint8Array> {
  if (content) yield content
  else yield* store.read(hexOf(hash), size)
}
