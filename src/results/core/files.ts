// SQL queries for files: contents, each stored once, and the paths under which jobs and tests refer to them.

import { sql } from 'kysely'
import type { StoredContent } from '../../blobs/store'
import type { Slice } from '../../http/resource/pagination'
import type { Microseconds } from '../../lib/time'
import { defineQuery, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { someRows } from '../../storage/some-rows'

/** A file of a job or a test, without its bytes. */
export interface FileRow {
  path: string
  hash: Uint8Array
  size: number
}

/** A file with its bytes; `content` is null when the blob store has them. */
export interface WholeFileRow extends FileRow {
  content: Uint8Array | null
}

type Key = { owner: number; path: string }

const findContent = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('file').select('id').where('hash', '=', param('hash')),
)
const insertContent = query<{
  hash: Uint8Array
  size: number
  storedSize: number
  content: Uint8Array | null
  now: Microseconds
}>()((param) =>
  tables.insertInto('file').values({
    hash: param('hash'),
    size: param('size'),
    stored_size: param('storedSize'),
    content: param('content'),
    created_at: param('now'),
  }),
)
const markReleased = query<{ file: number }>()((param) =>
  tables
    .insertInto('released_file')
    .values({ file: param('file') })
    .onConflict((conflict) => conflict.doNothing()),
)
const markReleasedOfTest = query<{ test: number }>()((param) =>
  tables
    .insertInto('released_file')
    .columns(['file'])
    .expression(tables.selectFrom('test_file').select('file').where('test', '=', param('test')))
    .onConflict((conflict) => conflict.doNothing()),
)
const released = query<{ limit: number }>()((param) =>
  tables
    .selectFrom('released_file')
    .innerJoin('file', 'file.id', 'released_file.file')
    .select(['id', 'hash', sql<number>`content IS NULL`.as('in_store')])
    .select(({ or, exists, selectFrom }) =>
      or([
        exists(selectFrom('job_file').select('path').whereRef('file', '=', 'file.id')),
        exists(selectFrom('test_file').select('path').whereRef('file', '=', 'file.id')),
      ]).as('referenced'),
    )
    .limit(param('limit')),
)
const unmarkReleased = query<{ id: number }>()((param) =>
  tables.deleteFrom('released_file').where('file', '=', param('id')),
)
const deleteContent = query<{ id: number }>()((param) =>
  tables.deleteFrom('file').where('id', '=', param('id')),
)

const storedContents = query<{ after: number; limit: number }>()((param) =>
  tables
    .selectFrom('file')
    .select(['id', 'hash'])
    .where('content', 'is', null)
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(param('limit')),
)
const deleteJobPaths = query<{ id: number }>()((param) =>
  tables.deleteFrom('job_file').where('file', '=', param('id')),
)
const deleteTestPaths = query<{ id: number }>()((param) =>
  tables.deleteFrom('test_file').where('file', '=', param('id')),
)

/** The id of a content; a new content gets a row. The caller gives it a path in the same transaction. */
export async function fileId(
  connection: Connection,
  content: StoredContent,
  now: Microseconds,
): Promise<number> {
  const { size, storedSize } = content
  const hash = Buffer.from(content.hash, 'hex')
  const found = await connection.first(findContent, { hash })
  if (found) return found.id
  const row = { hash, size, storedSize, content: content.content, now }
  return await connection.insert(insertContent, row)
}

/** Whether the database has a row for this content. FileStore.sweep() and remove() call it. */
export const isStored = defineQuery(
  'isStored',
  async (connection, hash: string) =>
    (await connection.first(findContent, { hash: Buffer.from(hash, 'hex') })) !== undefined,
)

/** The contents in the blob store, ordered by id. `after` is the last id of the slice before. */
export function storedFiles(connection: Connection, slice: { after: number; limit: number }) {
  return connection.all(storedContents, slice)
}

/** Deletes a content's row and all paths that refer to it. */
export async function forgetFile(connection: Connection, id: number): Promise<void> {
  for (const step of [deleteJobPaths, deleteTestPaths, deleteContent]) await connection.run(step, { id })
}

/** Records that a content lost a path. Without paths it is deleted later. */
export async function releaseFile(connection: Connection, file: number): Promise<void> {
  await connection.run(markReleased, { file })
}

/** Records that the contents of a test's files are about to lose their paths. */
export async function releaseFilesOf(connection: Connection, test: number): Promise<void> {
  await connection.run(markReleasedOfTest, { test })
}

/**
 * Examines up to `limit` contents that lost a path, and deletes the rows of those without any path.
 *
 * @returns how many it examined, and the hashes of the deleted contents that the blob store has.
 */
export const deleteUnreferencedFiles = defineWrite(
  'deleteUnreferencedFiles',
  async (connection, { limit }: { limit: number }) => {
    const files = await connection.all(released, { limit })
    for (const { id, referenced } of files)
      await connection.run(referenced ? unmarkReleased : deleteContent, { id })
    const hashes = files
      .filter(({ referenced, in_store }) => !referenced && in_store === 1)
      .map(({ hash }) => hexOf(hash))
    return { examined: files.length, hashes }
  },
)

function fileTable(name: 'job_file' | 'test_file', ownerColumn: 'job' | 'test') {
  const table = name as 'test_file' // both tables have the columns that are used below
  const owner = sql.ref<number>(`${name}.${ownerColumn}`)
  const files = tables.selectFrom(table).innerJoin('file', 'file.id', `${table}.file`)

  const fileCount = query<{ owner: number }>()((param) =>
    tables
      .selectFrom(table)
      .select((column) => column.fn.countAll<number>().as('count'))
      .where(owner, '=', param('owner')),
  )
  const filePage = query<{ owner: number } & Slice>()((param) =>
    files
      .select([`${table}.path`, 'file.hash', 'file.size'])
      .where(owner, '=', param('owner'))
      .orderBy(`${table}.path`)
      .limit(param('limit'))
      .offset(param('offset')),
  )
  const fileByPath = query<Key>()((param) =>
    files
      .select([`${table}.path`, 'file.hash', 'file.size', 'file.content'])
      .where(owner, '=', param('owner'))
      .where(`${table}.path`, '=', param('path')),
  )
  const fileIdAt = query<Key>()((param) =>
    tables
      .selectFrom(table)
      .select('file')
      .where(owner, '=', param('owner'))
      .where('path', '=', param('path')),
  )
  const insert = query<Key & { file: number }>()((param) =>
    tables
      .insertInto(table)
      .columns([ownerColumn as 'test', 'path', 'file'])
      .values({ [ownerColumn as 'test']: param('owner'), path: param('path'), file: param('file') }),
  )
  const update = query<Key & { file: number }>()((param) =>
    tables
      .updateTable(table)
      .set({ file: param('file') })
      .where(owner, '=', param('owner'))
      .where('path', '=', param('path')),
  )

  const limitedCount = someRows(name, ownerColumn)

  return {
    count: async (connection: Connection, owner: number): Promise<number> =>
      (await connection.first(fileCount, { owner }))?.count ?? 0,
    /** Their number, or a lower bound where there are many. */
    countSome: async (connection: Connection, owner: number): Promise<number> =>
      (await connection.first(limitedCount, { owner }))?.count ?? 0,
    /** Ordered by path, bytewise. */
    list: (connection: Connection, owner: number, slice: Slice): Promise<FileRow[]> =>
      connection.all(filePage, { owner, ...slice }),
    find: (connection: Connection, key: Key): Promise<WholeFileRow | undefined> =>
      connection.first(fileByPath, key),
    /** The id of the content at a path. */
    findFileId: async (connection: Connection, key: Key): Promise<number | undefined> =>
      (await connection.first(fileIdAt, key))?.file,
    /** Sets the content at a path. @returns what changed */
    async setFile(
      connection: Connection,
      key: Key,
      file: number,
    ): Promise<'added' | 'changed' | 'unchanged'> {
      const before = await connection.first(fileIdAt, key)
      if (before?.file === file) return 'unchanged'
      if (before) await releaseFile(connection, before.file)
      await connection.run(before ? update : insert, { ...key, file })
      return before ? 'changed' : 'added'
    },
  }
}

export const jobFiles = fileTable('job_file', 'job')
export const testFiles = fileTable('test_file', 'test')

const deleteTestPath = query<Key>()((param) =>
  tables.deleteFrom('test_file').where('test', '=', param('owner')).where('path', '=', param('path')),
)

/** Removes a path of a test, if there is one. */
export async function removeTestFile(connection: Connection, key: Key): Promise<void> {
  const file = await testFiles.findFileId(connection, key)
  if (file === undefined) return
  await releaseFile(connection, file)
  await connection.run(deleteTestPath, key)
}

export function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
