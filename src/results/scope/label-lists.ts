// SQL queries for the keys of labels and their values, over all jobs. What the environments of jobs tell is among them.

import { type RawBuilder, sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { type Connection, dynamicQuery, inTime, query, tables, thenJoin } from '../../storage/query'
import { visible } from '../core/job-reference'
import {
  distroForm,
  environmentLabelKeys,
  isEnvironmentLabel,
  kernelForm,
} from '../labels/environment-labels'
import { type ResolvedScope, scopeConditions } from './queries'

/** More keys are not listed: nobody reads them. */
const MAX_KEYS = 10_000

/** Each distinct value of a column, looked up one after another along an index that begins with it. */
function distinct(next: (after: RawBuilder<unknown>) => RawBuilder<unknown>, first: RawBuilder<unknown>) {
  return sql<{ text: string }>`(WITH RECURSIVE found(text) AS (
    SELECT ${first} UNION ALL SELECT ${next(sql`found.text`)} FROM found WHERE found.text IS NOT NULL AND ${inTime}
  ) SELECT text FROM found WHERE text IS NOT NULL)`
}

const keys = query()(() =>
  tables
    .selectFrom(
      distinct(
        (after) => sql`(SELECT min(job_label.key) FROM job_label WHERE job_label.key > ${after})`,
        sql`(SELECT min(job_label.key) FROM job_label)`,
      ).as('label'),
    )
    .select('text')
    .limit(MAX_KEYS),
)
const hasHosts = query()(() =>
  tables.selectFrom('job').select('number').where(sql<boolean>`host > 0 AND complete = 1`).limit(1),
)
const hasEnvironments = query()(() =>
  tables.selectFrom('job').select('number').where('environment', 'is not', null).limit(1),
)

/** The keys of all labels, in order. */
export async function labelKeys(connection: Connection): Promise<string[]> {
  const found = new Set((await connection.all(keys, {})).map(({ text }) => text))
  if (await connection.first(hasHosts, {})) found.add('host')
  if (await connection.first(hasEnvironments, {})) for (const key of environmentLabelKeys) found.add(key)
  return [...found].sort()
}

/** A value in use, and those of jobs that are being deleted. `prefix`: the beginning of the values; '': all. */
interface Wanted {
  key: string
  prefix: string
}

const END = '\u{10ffff}'
const valuesOfKey = query<Wanted & { end: string }>()((param) =>
  tables
    .selectFrom(
      distinct(
        (after) =>
          sql`(SELECT min(job_label.value) FROM job_label WHERE job_label.key = ${param('key')} AND job_label.value > ${after})`,
        sql`(SELECT min(job_label.value) FROM job_label WHERE job_label.key = ${param('key')} AND job_label.value >= ${param('prefix')})`,
      ).as('label'),
    )
    .select('text')
    .where('text', '<', param('end')),
)
const hostNames = query<{ prefix: string; end: string }>()((param) =>
  tables
    .selectFrom('host')
    .select('name as text')
    .where('name', '>=', param('prefix'))
    .where('name', '<', param('end'))
    .where(sql<boolean>`EXISTS (SELECT 1 FROM job WHERE job.host = host.id AND job.complete = 1)`),
)
const environmentValues = {
  arch: query()(() =>
    tables
      .selectFrom('arch')
      .select('name as text')
      .where(sql<boolean>`EXISTS (SELECT 1 FROM distro ${thenJoin} environment ON environment.distro = distro.id
        ${thenJoin} job ON job.environment = environment.id WHERE distro.arch = arch.id AND job.complete = 1)`),
  ),
  distro: query()(() =>
    tables
      .selectFrom('distro')
      .select(distroForm.as('text'))
      .where(sql<boolean>`EXISTS (SELECT 1 FROM environment ${thenJoin} job ON job.environment = environment.id
        WHERE environment.distro = distro.id AND job.complete = 1)`),
  ),
  kernel: query()(() =>
    tables
      .selectFrom('component')
      .select(kernelForm.as('text'))
      .where('kind', '=', sql<number>`(SELECT id FROM component_kind WHERE name = 'kernel')`)
      .where(sql<boolean>`EXISTS (SELECT 1 FROM environment_component AS link
        ${thenJoin} job ON job.environment = link.environment WHERE link.component = component.id AND job.complete = 1)`),
  ),
}

/** The values of a key that jobs have, in order. */
export async function labelValues(connection: Connection, { key, prefix }: Wanted): Promise<string[]> {
  const range = { prefix, end: prefix + END }
  const found = new Set((await connection.all(valuesOfKey, { key, ...range })).map(({ text }) => text))
  const others =
    key === 'host' ? await connection.all(hostNames, range) : await valuesOfEnvironments(connection, key)
  for (const { text } of others) if (text.startsWith(prefix)) found.add(text)
  return [...found].sort()
}

async function valuesOfEnvironments(connection: Connection, key: string): Promise<{ text: string }[]> {
  return isEnvironmentLabel(key) ? await connection.all(environmentValues[key], {}) : []
}

export interface Use {
  jobs: number
  /** The time of the newest. */
  last: Microseconds | null
}

/** How many visible jobs a scope lets through, and the time of the newest. */
export async function useOf(connection: Connection, scope: ResolvedScope): Promise<Use> {
  const counted = dynamicQuery('useOf')(() => {
    let jobs = tables
      .selectFrom('job')
      .select((column) => [column.fn.countAll<number>().as('jobs'), column.fn.max('time').as('last')])
      .where(visible)
      .where(inTime)
    for (const condition of scopeConditions(scope, { plan: 'find' })) jobs = jobs.where(condition)
    return jobs
  })
  return (await connection.first(counted, {})) ?? { jobs: 0, last: null }
}
