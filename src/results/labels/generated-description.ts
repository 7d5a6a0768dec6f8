// Descriptions that the server has made: `passtest.py and 3 more on rack7`. A datum of the job records the name in it, so
// that a better one may replace it, while a person's description stays. The end of it follows the job's host.

import { type Connection, query, tables } from '../../storage/query'
import { findJobByNumber } from '../core/job-reference'
import { describeAnew } from '../core/visibility'

export const AVOCADO_CATEGORY = 'avocado'
/** The keys of the data with the name: what it is the name of. */
export const NOTE_KEYS = { tests: 'named after its tests', references: 'named after its references' } as const

const MAX_HOST = 80

const notes = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job_data')
    .select(['id', 'key', 'value'])
    .where('job', '=', param('job'))
    .where('category', '=', AVOCADO_CATEGORY),
)

/** The data of a job that may have a name in them. */
export function notesOf(connection: Connection, job: number) {
  return connection.all(notes, { job })
}

/** Whether the server made the description of this name. */
export function isGeneratedFrom(name: string | null | undefined, description: string | null): boolean {
  if (name == null || description?.startsWith(name) !== true) return false
  return /^(?: and \d+ more)?(?: on .+)?$/s.test(description.slice(name.length))
}

/** The end of a description: where the job ran. */
export function placeSuffix(host: string | null): string {
  return host === null ? '' : ` on ${[...host].slice(0, MAX_HOST).join('')}`
}

/** Corrects the end of a generated description of a visible job that has another host now. */
export async function describeElsewhere(
  connection: Connection,
  job: number,
  { from, to }: { from: string | null; to: string | null },
): Promise<void> {
  const row = await findJobByNumber(connection, String(job))
  if (!row?.description?.endsWith(placeSuffix(from))) return
  const names = (await notesOf(connection, job)).filter(({ key }) =>
    (Object.values(NOTE_KEYS) as string[]).includes(key),
  )
  if (!names.some(({ value }) => isGeneratedFrom(value, row.description))) return
  const what = row.description.slice(0, row.description.length - placeSuffix(from).length)
  await describeAnew(connection, row, what + placeSuffix(to))
}
