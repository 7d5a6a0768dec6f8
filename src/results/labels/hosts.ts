// The names of hosts: what counts as one, and where it is from.

import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'

/** Where the name of a job's host is from, besides its label. A higher number is a better source. */
export const hostSources = {
  /** The machine that sent the job. */
  uploader: 1,
  /** The second word of `uname -a`. */
  uname: 2,
  /** The file `hostname` of sysinfo. */
  hostname: 3,
} as const

export type HostSource = (typeof hostSources)[keyof typeof hostSources]

/** A host that was reported for a job. */
export interface ReportedHost {
  name: string
  source: HostSource
}

/** Longer names are no names of hosts: DNS allows 253 characters. */
const MAX_LENGTH = 255

/** A reported name without blanks around it; null: none was reported. */
export function readHostName(text: string | null | undefined): string | null {
  const name = text?.trim()
  return name && name.length <= MAX_LENGTH ? name : null
}

/** Whether a name tells one machine from others. The name of a container, 12 hexadecimal digits, is another each time. */
export function identifiesHost(name: string): boolean {
  return !name.startsWith('localhost') && name !== '(none)' && !/^[0-9a-f]{12}$/.test(name)
}

/** The better of two reports. Of equally good ones the first counts. */
export function betterHost(
  stored: { name: string | null; source: number },
  reported: ReportedHost,
): { name: string | null; source: number } {
  return reported.source > stored.source ? reported : stored
}

function nameTable(table: 'host' | 'branch') {
  const byName = query<{ name: string }>()((param) =>
    tables.selectFrom(table).select('id').where('name', '=', param('name')),
  )
  const byIds = query<{ ids: NumberList }>()((param) =>
    tables
      .selectFrom(table)
      .select(['id', 'name'])
      .where(inList('id', param('ids'))),
  )
  const insert = query<{ name: string }>()((param) =>
    tables.insertInto(table).values({ name: param('name') }),
  )
  const find = async (connection: Connection, name: string): Promise<number | undefined> =>
    (await connection.first(byName, { name }))?.id
  return {
    namesOf: async (connection: Connection, ids: readonly number[]): Promise<ReadonlyMap<number, string>> => {
      const rows = ids.length === 0 ? [] : await connection.all(byIds, { ids: toNumberList(ids) })
      return new Map(rows.map(({ id, name }) => [id, name]))
    },
    /** The id of a name; undefined: no job has it. */
    find,
    /** The id of a name; a new name gets a row. */
    findOrAdd: async (connection: Connection, name: string): Promise<number> =>
      (await find(connection, name)) ?? (await connection.insert(insert, { name })),
  }
}

export const hosts = nameTable('host')
export const branches = nameTable('branch')
