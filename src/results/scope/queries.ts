// Turns a scope into conditions of SQL, for lists of jobs and for rows that are joined with their job.

import { type RawBuilder, sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import {
  type Connection,
  dynamicQuery,
  inTime,
  members,
  notIndexed,
  numberAt,
  query,
  rowsOf,
  tables,
} from '../../storage/query'
import { visible } from '../core/job-reference'
import { compareWith, splitVersion, versionOf } from '../environments/versions'
import { environmentsWithLabel, isEnvironmentLabel } from '../labels/environment-labels'
import { identifiesHost } from '../labels/hosts'
import type { ComponentCondition, EnvironmentCondition, LabelCondition, Operator, Scope } from './model'

/** A scope with the components that it names. */
export interface ResolvedScope extends Pick<Scope, 'labels' | 'environments'> {
  components: { ids: number[]; isNegated: boolean }[]
}

type Condition = RawBuilder<boolean>
type Text = RawBuilder<unknown>

const componentsByName = query<{ name: string }>()((param) =>
  tables
    .selectFrom('component')
    .innerJoin('component_kind', 'component_kind.id', 'component.kind')
    .select(['component.id', 'version', 'release', 'component_kind.name as kind'])
    .where('component.name', '=', param('name')),
)

/** Looks up the components. A component has few versions. */
export function resolveScope(connection: Connection, scope: Scope): Promise<ResolvedScope>
export function resolveScope(
  connection: Connection,
  scope: Scope | undefined,
): Promise<ResolvedScope | undefined>
export async function resolveScope(
  connection: Connection,
  scope: Scope | undefined,
): Promise<ResolvedScope | undefined> {
  if (!scope) return undefined
  const components = await mapInTurn(scope.components, async (condition) => ({
    ids: await componentsLike(connection, condition),
    isNegated: condition.isNegated,
  }))
  return { labels: scope.labels, environments: scope.environments, components }
}

const fits: Record<Operator, (order: number) => boolean> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '=': (order) => order === 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
}

/** The ids of the components that a condition names, whether it is negated or not. */
export async function componentsLike(
  connection: Connection,
  { name, version }: ComponentCondition,
): Promise<number[]> {
  const found = await connection.all(componentsByName, { name })
  const wanted = version
    ? found.filter(({ kind, ...stored }) => {
        const asked = splitVersion(kind, version.text)
        return fits[version.operator](compareWith(kind, versionOf(stored), asked))
      })
    : found
  return wanted.map(({ id }) => id)
}

/**
 * How a list finds the jobs of a scope. `find`: by the indexes of the conditions. `check`: it looks at rows anyway, and
 * each condition is checked for a row at a time.
 */
export type ScopePlan = 'find' | 'check'

/**
 * The conditions on a row of `job`.
 *
 * @param environment  where the row is a run: the id of the environment that it ran in. By default a job fits if any of
 *   its tests ran in such an environment.
 */
export function* scopeConditions(
  { labels, environments, components }: ResolvedScope,
  { plan, environment }: { plan: ScopePlan; environment?: Text },
): Generator<Condition> {
  const inEnvironments = (ids: Text) =>
    environment
      ? sql<boolean>`${environment} IN ${ids}`
      : plan === 'find'
        ? sql<boolean>`job.number IN (${jobsOfEnvironments(ids)})`
        : checkEnvironments(ids)
  for (const condition of labels) yield negatedIf(condition, labelCondition(condition, plan, inEnvironments))
  for (const { ids, isNegated } of environments as EnvironmentCondition[]) {
    yield negatedIf({ isNegated }, inEnvironments(members(ids)))
  }
  for (const { ids, isNegated } of components) {
    yield negatedIf(
      { isNegated },
      inEnvironments(sql`(SELECT environment FROM environment_component WHERE component IN ${members(ids)})`),
    )
  }
}

/** All jobs for which a condition does not hold, or of which it is unknown. */
function negatedIf({ isNegated }: { isNegated: boolean }, condition: Condition): Condition {
  return isNegated ? sql<boolean>`(${condition}) IS NOT TRUE` : condition
}

function labelCondition(
  { key, values, isNegated }: LabelCondition,
  plan: ScopePlan,
  inEnvironments: (ids: Text) => Condition,
): Condition {
  // No index: it would find all jobs of a host, where others are looked at anyway.
  const column = (name: 'host' | 'branch') =>
    plan === 'check' || isNegated ? notIndexed(`job.${name}`) : sql.ref(`job.${name}`)
  if ((key === 'branch' || key === 'host') && values.length === 0 && plan === 'find' && !isNegated) {
    // Without the subquery SQLite prefers the way along the ordering.
    return sql<boolean>`job.number IN (SELECT number FROM job WHERE complete = 1 AND ${inTime} AND ${sql.raw(key)} > 0)`
  }
  if (key === 'branch') return inNames(column('branch'), 'branch', values)
  if (key === 'host') {
    const named = inNames(column('host'), 'host', values)
    // A label such as `localhost` is shown, though it is no host.
    const unnamed = values.filter((value) => !identifiesHost(value))
    if (unnamed.length === 0) return named
    if (plan === 'check' || isNegated) return sql<boolean>`(${named} OR ${hasLabel(key, unnamed)})`
    return sql<boolean>`job.number IN (${jobsWithLabel(key, unnamed)}
      UNION ALL SELECT named.number FROM job AS named
      WHERE named.complete = 1 AND ${inNames(sql`named.host`, 'host', values)})`
  }
  if (isEnvironmentLabel(key)) {
    const inside = inEnvironments(environmentsWithLabel(key, values))
    if (plan === 'check' || isNegated) return sql<boolean>`(${hasLabel(key, values)} OR ${inside})`
    return sql<boolean>`job.number IN (${jobsWithLabel(key, values)}
      UNION ALL ${jobsOfEnvironments(environmentsWithLabel(key, values))})`
  }
  return plan === 'check' || isNegated
    ? hasLabel(key, values)
    : sql<boolean>`job.number IN (${jobsWithLabel(key, values)})`
}

/** Without names: any. One name is compared with `=`, so that SQLite can use the order of the index behind it. */
function inNames(column: Text, table: 'host' | 'branch', names: readonly string[]): Condition {
  const [only, ...others] = names
  if (only === undefined) return sql<boolean>`${column} > 0`
  const rows = sql.raw(`SELECT id FROM ${table} WHERE name`)
  return others.length === 0
    ? sql<boolean>`${column} = (${rows} = ${only})`
    : sql<boolean>`${column} IN (${rows} IN ${members(names)})`
}

function ofLabel(key: string, values: readonly string[]) {
  return values.length === 0
    ? sql`job_label.key = ${key}`
    : sql`job_label.key = ${key} AND job_label.value IN ${members(values)}`
}

function hasLabel(key: string, values: readonly string[]): Condition {
  return sql<boolean>`EXISTS (SELECT 1 FROM job_label WHERE job_label.job = job.number AND ${ofLabel(key, values)})`
}

function jobsWithLabel(key: string, values: readonly string[]) {
  return sql`SELECT job_label.job FROM job_label WHERE ${inTime} AND ${ofLabel(key, values)}`
}

/** Jobs whose tests name several environments are few: their tests are looked at. */
function jobsOfEnvironments(ids: Text) {
  return sql`SELECT found.number FROM job AS found WHERE found.environment IN ${ids} AND found.complete = 1 AND ${inTime}
    UNION ALL SELECT several.number FROM job AS several WHERE several.environment_source = 2 AND several.complete = 1
      AND ${inTime} AND ${testsIn(sql`several.number`, ids)}`
}

function checkEnvironments(ids: Text): Condition {
  return sql<boolean>`(${notIndexed('job.environment')} IN ${ids}
    OR (job.environment_source = 2 AND ${testsIn(sql`job.number`, ids)}))`
}

function testsIn(job: Text, ids: Text): Condition {
  return sql<boolean>`EXISTS (SELECT 1 FROM test AS own WHERE own.job = ${job} AND own.environment IN ${ids})`
}

function conditionsOf({ labels, environments, components }: ResolvedScope): { isNegated: boolean }[] {
  return [...labels, ...environments, ...components]
}

/** Whether no condition of a scope can be found by an index. */
export function isOnlyNegated(scope: ResolvedScope | undefined): boolean {
  return scope !== undefined && conditionsOf(scope).every(({ isNegated }) => isNegated)
}

/**
 * Splits off the first negated condition: what it lets through is all that fits `without`, less what fits `opposite`.
 *
 * @returns undefined when no condition is negated. `without` is undefined when nothing is left.
 */
export function splitNegated(
  scope: ResolvedScope,
): { without: ResolvedScope | undefined; opposite: ResolvedScope } | undefined {
  const negated = conditionsOf(scope).find(({ isNegated }) => isNegated)
  if (!negated) return undefined
  const change = (replace: <C extends { isNegated: boolean }>(condition: C) => C[]): ResolvedScope => {
    const changed = <C extends { isNegated: boolean }>(conditions: C[]): C[] =>
      conditions.flatMap((condition) => (condition === negated ? replace(condition) : [condition]))
    return {
      labels: changed(scope.labels),
      environments: changed(scope.environments),
      components: changed(scope.components),
    }
  }
  const without = change(() => [])
  return {
    without: conditionsOf(without).length > 0 ? without : undefined,
    opposite: change((condition) => [{ ...condition, isNegated: false }]),
  }
}

/** The environment that a run of a test was in, where `test` is joined with its job: its own, or else its job's. */
export const environmentOfRun = sql<number | null>`coalesce(test.environment, job.environment)`

/** The same for a row of `test`, in the environment that it ran in. */
export function runCondition(scope: ResolvedScope): Condition {
  const conditions = [...scopeConditions(scope, { plan: 'check', environment: environmentOfRun })]
  return sql<boolean>`EXISTS (SELECT 1 FROM job WHERE job.number = test.job AND ${sql.join(conditions, sql` AND `)})`
}

/** A run of a test, as far as a scope asks. */
export interface ScopedRun {
  job: number
  /** Its own environment, or else its job's. */
  environment: number | null
}

/**
 * Which of some runs a scope lets through, for rows that are in memory already. It looks up each job once.
 *
 * @returns a predicate for these runs, and for others of the same jobs and environments.
 */
export async function runsInScope(
  connection: Connection,
  scope: ResolvedScope | undefined,
  runs: readonly ScopedRun[],
): Promise<(run: ScopedRun) => boolean> {
  if (!scope) return () => true
  const keyOf = ({ job, environment }: ScopedRun) => `${job} ${environment}`
  const distinct = [...new Map(runs.map((run) => [keyOf(run), [run.job, run.environment]])).values()]
  const environment = numberAt<number | null>(sql`run.value`, 1)
  const found = dynamicQuery('runsInScope')(() => {
    let list = tables
      .selectFrom(rowsOf(JSON.stringify(distinct), 'lists').as('run'))
      .crossJoin('job')
      .select(['job.number as job', environment.as('environment')])
      .where(sql<boolean>`job.number = ${numberAt(sql`run.value`, 0)}`)
      .where(visible)
    for (const condition of scopeConditions(scope, { plan: 'check', environment }))
      list = list.where(condition)
    return list
  })
  const keys = new Set((await connection.all(found, {})).map(keyOf))
  return (run) => keys.has(keyOf(run))
}
