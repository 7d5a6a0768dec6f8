// What two jobs recorded besides their tests: labels, data such as the command line, and the files of sysinfo and of
// Avocado's jobdata. Lists what differs; contents.ts compares one file line by line.

import { Type as t } from '@sinclair/typebox'
import { sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import { AVOCADO_CATEGORY, NOTE_KEYS } from '../../results/labels/generated-description'
import type { Label } from '../../results/labels/model'
import { storedLabels } from '../../results/labels/queries'
import { type Connection, inTime, query, tables } from '../../storage/query'

/** Entries of each list. */
const MAX_LISTED = 500
/** Characters of a value. */
const MAX_VALUE = 2000
/** The folders of a job's files whose content tells how and where it ran. */
const FOLDERS = ['jobdata', 'sysinfo'] as const
export const SYSINFO = 'sysinfo'
/** Data of this category are the short files of this folder. */
const SYSINFO_FOLDER = 'sysinfo/pre/'
/** Data of this category tell what changed during one job. The files tell what differs between two. */
const SYSINFO_CHANGES = 'sysinfo changes'
/** Data of Avocado's category that follow from the tests of a job, or name it. */
const FOLLOWING = ['exit code', ...Object.values(NOTE_KEYS)]

const value = t.Union([t.String(), t.Null()], { description: `null: none; at most ${MAX_VALUE} characters` })

export const recordedItem = {
  parameters: t.Array(t.Object({ category: t.String(), key: t.String(), from: value, to: value }), {
    description: `Labels (category \`label\`) and data of the job that differ; at most ${MAX_LISTED}`,
  }),
  files: t.Array(
    t.Object({ path: t.String(), change: t.String({ description: 'changed, added or removed' }) }),
    {
      description: `Files below sysinfo/ and jobdata/ that differ, for \`/jobs/compare/file/\`; at most ${MAX_LISTED}`,
    },
  ),
}

interface Pair {
  one: number
  other: number
}

interface Recorded {
  parameters: { category: string; key: string; from: string | null; to: string | null }[]
  files: { path: string; change: 'changed' | 'added' | 'removed' }[]
}

const cut = (column: string) => sql<string | null>`substr(${sql.ref(column)}, 1, ${sql.lit(MAX_VALUE)})`

// The data of one job that the other has not, or has with another value.
const differentData = query<Pair>()((param) =>
  tables
    .selectFrom('job_data')
    .leftJoin('job_data as also', (join) =>
      join
        .onRef('also.category', '=', 'job_data.category')
        .onRef('also.key', '=', 'job_data.key')
        .on('also.job', '=', param('other')),
    )
    .select(['job_data.category', 'job_data.key'])
    .select([
      cut('job_data.value').as('value'),
      cut('also.value').as('otherValue'),
      sql<number>`also.id IS NOT NULL`.as('has_other'),
    ])
    .where('job_data.job', '=', param('one'))
    .where(inTime)
    .where(sql<boolean>`(also.id IS NULL OR also.value IS DISTINCT FROM job_data.value)`)
    .orderBy('job_data.category')
    .orderBy('job_data.key'),
)
const differentFiles = query<Pair & { from: string; before: string }>()((param) =>
  tables
    .selectFrom('job_file')
    .leftJoin('job_file as also', (join) =>
      join.onRef('also.path', '=', 'job_file.path').on('also.job', '=', param('other')),
    )
    .select(['job_file.path', sql<number>`also.file IS NOT NULL`.as('has_other')])
    .where('job_file.job', '=', param('one'))
    .where('job_file.path', '>=', param('from'))
    .where('job_file.path', '<', param('before'))
    .where(inTime)
    .where(sql<boolean>`also.file IS DISTINCT FROM job_file.file`)
    .orderBy('job_file.path')
    .limit(sql.lit(MAX_LISTED)),
)
const someFile = query<{ job: number; from: string; before: string }>()((param) =>
  tables
    .selectFrom('job_file')
    .select('path')
    .where('job', '=', param('job'))
    .where('path', '>=', param('from'))
    .where('path', '<', param('before'))
    .limit(1),
)

/** What differs between the records of the job `base` and those of `job`, both by number. */
export async function compareRecorded(connection: Connection, base: number, job: number): Promise<Recorded> {
  const data = await differencesOf(connection, base, job)
  const isParameter = ({ category, key }: { category: string; key: string }) =>
    category !== SYSINFO &&
    category !== SYSINFO_CHANGES &&
    !(category === AVOCADO_CATEGORY && FOLLOWING.includes(key))
  const labels = differentLabels(await storedLabels(connection, base), await storedLabels(connection, job))
  const files = (await mapInTurn(FOLDERS, (folder) => changedFiles(connection, base, job, folder))).flat()
  // A server with --no-files has the short files of sysinfo as data alone.
  const haveFiles = (await hasFiles(connection, base, SYSINFO)) && (await hasFiles(connection, job, SYSINFO))
  const shortFiles = haveFiles ? [] : data.filter(({ category }) => category === SYSINFO)
  const listed = new Map(files.map((file) => [file.path, file]))
  for (const { key, from, to } of shortFiles) {
    const path = SYSINFO_FOLDER + key
    listed.set(path, { path, change: from === null ? 'added' : to === null ? 'removed' : 'changed' })
  }
  return {
    parameters: [...labels, ...data.filter(isParameter)].slice(0, MAX_LISTED),
    files: [...listed.values()].slice(0, MAX_LISTED),
  }
}

async function differencesOf(
  connection: Connection,
  base: number,
  job: number,
): Promise<Recorded['parameters']> {
  const before = await connection.all(differentData, { one: base, other: job })
  const after = await connection.all(differentData, { one: job, other: base })
  return [
    ...before.map(({ category, key, value, otherValue }) => ({ category, key, from: value, to: otherValue })),
    ...after
      .filter(({ has_other }) => has_other === 0)
      .map(({ category, key, value }) => ({ category, key, from: null, to: value })),
  ]
}

function differentLabels(before: Label[], after: Label[]): Recorded['parameters'] {
  const valuesOf = (labels: Label[]) =>
    new Map(
      [...Map.groupBy(labels, ({ key }) => key)].map(([key, all]) => [
        key,
        all.map(({ value }) => value).join(', '),
      ]),
    )
  const [from, to] = [valuesOf(before), valuesOf(after)]
  return [...new Set([...from.keys(), ...to.keys()])]
    .sort()
    .map((key) => ({ category: 'label', key, from: from.get(key) ?? null, to: to.get(key) ?? null }))
    .filter(({ from, to }) => from !== to)
}

/** All paths below a folder sort from `FOLDER/` to before `FOLDER0`. */
function rangeOf(folder: string) {
  return { from: `${folder}/`, before: `${folder}0` }
}

async function changedFiles(
  connection: Connection,
  base: number,
  job: number,
  folder: string,
): Promise<Recorded['files']> {
  const range = rangeOf(folder)
  const before = await connection.all(differentFiles, { one: base, other: job, ...range })
  const after = await connection.all(differentFiles, { one: job, other: base, ...range })
  return [
    ...before.map(({ path, has_other }) => ({
      path,
      change: has_other ? ('changed' as const) : ('removed' as const),
    })),
    ...after
      .filter(({ has_other }) => has_other === 0)
      .map(({ path }) => ({ path, change: 'added' as const })),
  ].sort((one, other) => (one.path < other.path ? -1 : 1))
}

async function hasFiles(connection: Connection, job: number, folder: string): Promise<boolean> {
  return (await connection.first(someFile, { job, ...rangeOf(folder) })) !== undefined
}

/** The key of the datum that has the content of a file, for a job without its files. */
export function datumKeyOf(path: string): string | undefined {
  return path.startsWith(SYSINFO_FOLDER) ? path.slice(SYSINFO_FOLDER.length) : undefined
}
