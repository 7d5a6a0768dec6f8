// The rules of all known issues, and the failures that they match. A pattern is matched with fail reasons in the
// background, see matching.ts; here its matches are looked up.

import { sql } from 'kysely'
import { readComponentCondition } from '../../results/scope/model'
import { componentsLike } from '../../results/scope/queries'
import {
  type Connection,
  inList,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { hasWordsOf } from '../history/testcases'
import type { RunTemplate } from '../runs/failures'
import type { Run } from '../runs/read'
import { matchesGlob } from './glob'

/** Known issues of one failure. Where more match, those with the lowest ids count. */
const MAX_ISSUES = 10

const allRules = query()(() =>
  tables
    .selectFrom('known_issue')
    .leftJoin('template', 'template.hash', 'known_issue.template_hash')
    .leftJoin('host', 'host.name', 'known_issue.host')
    .select(['known_issue.id', 'known_issue.template as text', 'pattern', 'testcase', 'variant'])
    .select(['known_issue.host', 'host.id as hostId', 'component', 'expires'])
    .select(['only_testcase as onlyTestcase', 'begins_at as beginsAt'])
    .select(sql<number | null>`coalesce(template.parent, template.id)`.as('template'))
    .where('deleted', '=', 0)
    .orderBy('known_issue.id'),
)
type Rule = Awaited<ReturnType<typeof readRules>>[number]

function readRules(connection: Connection) {
  return connection.all(allRules, {})
}

const matchesOf = query<{ reasons: NumberList }>()((param) =>
  tables
    .selectFrom('known_issue_match')
    .select(['issue', 'reason'])
    .where(inList('reason', param('reasons'))),
)
const environmentsWith = query<{ components: NumberList; environments: NumberList }>()((param) =>
  tables
    .selectFrom('environment_component')
    .select('environment')
    .distinct()
    .where(inList('environment', param('environments')))
    .where(inList(notIndexed('component'), param('components'))),
)

const anyCase = query<{ testcase: number }>()((param) =>
  tables.selectFrom('known_issue_case').select('issue').where('testcase', '=', param('testcase')).limit(1),
)

export interface RuleTestcase {
  id: number
  /** Name and variant, as in a tag. */
  text: string
  suite: string
  variant: string | null
}

/** The rules as they are in one transaction. */
export class RuleSet {
  private readonly byId: ReadonlyMap<number, Rule>
  /** A template that is not stored yet is known by its text. */
  private readonly byTemplate: ReadonlyMap<RunTemplate, Rule[]>
  private readonly components = new Map<string, number[]>()

  private constructor(
    private readonly connection: Connection,
    rules: readonly Rule[],
  ) {
    this.byId = new Map(rules.map((rule) => [rule.id, rule]))
    const byReason = rules.filter(({ pattern }) => pattern === null)
    this.byTemplate = Map.groupBy(byReason, ({ template, text }) => template ?? text)
  }

  static async read(connection: Connection): Promise<RuleSet> {
    return new RuleSet(connection, await readRules(connection))
  }

  get isEmpty(): boolean {
    return this.byId.size === 0
  }

  /** Whether incidents of a test case may come or go: rules may match its runs, or what is stored says that they did. */
  async concern(testcase: number, runs: readonly Run[]): Promise<boolean> {
    if (this.isEmpty) return false
    const failed = runs.filter((run) => run.failed)
    if (failed.some(({ template }) => this.byTemplate.has(template))) return true
    if ((await this.matchesOf(failed)).size > 0) return true
    return (await this.connection.first(anyCase, { testcase })) !== undefined
  }

  /**
   * The failures of a test case that each known issue matches.
   *
   * @param runs  of this test case.
   * @returns the failures by the ids of the known issues, in the order of the runs.
   */
  async incidentsOf(testcase: RuleTestcase, runs: readonly Run[]): Promise<Map<number, Set<Run>>> {
    const failed = runs.filter((run) => run.failed)
    const matches = await this.matchesOf(failed)
    const fitting = new Map<Rule, ReadonlySet<number> | 'any' | undefined>()
    const incidents = new Map<number, Set<Run>>()
    for (const run of failed) {
      const byReason = (matches.get(run.reason ?? 0) ?? []).flatMap(({ issue }) => this.byId.get(issue) ?? [])
      const rules = [...(this.byTemplate.get(run.template) ?? []), ...byReason]
      const matched: Rule[] = []
      for (const rule of rules) {
        if (!fitting.has(rule)) fitting.set(rule, await this.environmentsOf(rule, testcase, failed))
        if (fitsRun(rule, run, fitting.get(rule))) matched.push(rule)
      }
      for (const { id } of matched.sort((one, other) => one.id - other.id).slice(0, MAX_ISSUES)) {
        const known = incidents.get(id)
        if (known) known.add(run)
        else incidents.set(id, new Set([run]))
      }
    }
    return incidents
  }

  /** The known issues whose patterns match the reasons of failures, by the ids of the reasons. */
  private async matchesOf(failed: readonly Run[]): Promise<Map<number, { issue: number }[]>> {
    const reasons = [...new Set(failed.flatMap(({ reason }) => reason ?? []))]
    if (reasons.length === 0 || this.isEmpty) return new Map()
    const rows = await this.connection.all(matchesOf, { reasons: toNumberList(reasons) })
    return Map.groupBy(rows, ({ reason }) => reason)
  }

  /** The environments in which a rule holds for runs of a test case; undefined: it does not hold for the test case. */
  private async environmentsOf(
    rule: Rule,
    testcase: RuleTestcase,
    failed: readonly Run[],
  ): Promise<ReadonlySet<number> | 'any' | undefined> {
    if (!fitsTestcase(rule, testcase)) return undefined
    if (rule.component === null) return 'any'
    let components = this.components.get(rule.component)
    if (!components) {
      components = await componentsLike(this.connection, readComponentCondition(rule.component))
      this.components.set(rule.component, components)
    }
    const environments = [...new Set(failed.flatMap(({ environment }) => environment ?? []))]
    const rows = await this.connection.all(environmentsWith, {
      components: toNumberList(components),
      environments: toNumberList(environments),
    })
    return new Set(rows.map(({ environment }) => environment))
  }
}

function fitsTestcase(rule: Rule, { id, text, suite, variant }: RuleTestcase): boolean {
  if (rule.onlyTestcase !== null) return rule.onlyTestcase === id
  if (rule.variant !== null && !hasWordsOf(variant, rule.variant)) return false
  return rule.testcase === null || fitsGlob(rule.testcase, { text, suite, variant })
}

/** A glob is on the name, which means all its variants, or on name and variant; either may have the suite in front. */
export function fitsGlob(glob: string, { text, suite, variant }: Omit<RuleTestcase, 'id'>): boolean {
  const name = variant === null ? text : text.slice(0, text.length - variant.length - 1)
  const forms = name === text ? [text] : [name, text]
  return forms.some(
    (form) => matchesGlob(glob, form) || (suite !== '' && matchesGlob(glob, `${suite}/${form}`)),
  )
}

function fitsRun(
  { onlyTestcase, beginsAt, expires, host, hostId }: Rule,
  run: Run,
  environments: ReadonlySet<number> | 'any' | undefined,
): boolean {
  if (environments === undefined) return false
  if (expires !== null && run.time >= expires) return false
  if (onlyTestcase !== null && beginsAt !== null && run.time < beginsAt) return false
  if (host !== null && (hostId === null || run.of.host !== hostId)) return false
  return environments === 'any' || (run.environment !== null && environments.has(run.environment))
}
