// Masks the names of stored files. Where a job has the masked name already, it gets a number as a suffix.

import { sql } from 'kysely'
import { maskText } from '../../secrets/mask'
import { type Connection, dynamicQuery, tables } from '../../storage/query'

/** Names that one write changes, which takes it a few milliseconds. */
const NAMES = 200
const MAX_TRIES = 1000

type Table = 'job_file' | 'test_file'
type Name = { owner: number; path: string }

const queriesOf = (name: Table, owner: 'job' | 'test') => {
  // A cast for Kysely: both tables have the columns that are used here.
  const table = name as 'job_file'
  const ownerColumn = sql.ref<number>(owner)
  return {
    paths: dynamicQuery<{ owner: number }>('pathsToMask')((param) =>
      tables.selectFrom(table).select('path').where(ownerColumn, '=', param('owner')),
    ),
    one: dynamicQuery<Name>('pathExists')((param) =>
      tables
        .selectFrom(table)
        .select('path')
        .where(ownerColumn, '=', param('owner'))
        .where('path', '=', param('path')),
    ),
    rename: dynamicQuery<Name & { masked: string }>('maskPath')((param) =>
      tables
        .updateTable(table)
        .set({ path: param('masked') })
        .where(ownerColumn, '=', param('owner'))
        .where('path', '=', param('path')),
    ),
  }
}
const queries = { job_file: queriesOf('job_file', 'job'), test_file: queriesOf('test_file', 'test') }

/** Masks names of files of a job or a test. @returns whether none is left with a secret */
export async function maskPaths(connection: Connection, table: Table, owner: number): Promise<boolean> {
  const { paths, one, rename } = queries[table]
  const stored = (await connection.all(paths, { owner })).map(({ path }) => path)
  const secret = stored.filter((path) => maskText(path) !== path)
  for (const path of secret.slice(0, NAMES)) {
    let masked = maskText(path)
    for (let count = 2; await connection.first(one, { owner, path: masked }); count++) {
      if (count > MAX_TRIES) throw new Error(`the name ${masked} has no number that is free`)
      masked = `${maskText(path)}#${count}`
    }
    await connection.run(rename, { owner, path, masked })
  }
  return secret.length <= NAMES
}
