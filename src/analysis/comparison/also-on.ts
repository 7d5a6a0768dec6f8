// Other hosts on which the same tests broke with the same reason, and which of the packages that changed here changed
// there, too, when they broke. What broke several hosts is likely among those.

import { type Static, Type as t } from '@sinclair/typebox'
import { sql } from 'kysely'
import { type Difference, differenceOf, versionText } from '../../results/environments/difference'
import { type Connection, dynamicQuery, members, query, tables } from '../../storage/query'

/** Hosts that are looked at: those with the most of the tests. */
const MAX_HOSTS = 3
/** Tests that are looked for on other hosts. */
const MAX_TESTS = 200

export const alsoOnItem = t.Object({
  host: t.String(),
  first_bad: t.String({ description: 'The id of the first job that was bad there' }),
  last_good: t.String({ description: 'The id of the last job before it in which they passed' }),
  tests: t.Integer({ minimum: 1, description: 'How many of the regressions are there, too' }),
  components: t.Array(t.Object({ kind: t.String(), name: t.String(), to: t.String() }), {
    description: 'Components that changed to the same version, or were added, in both places',
  }),
})
export type AlsoOn = Static<typeof alsoOnItem>

interface Regressed {
  testcase: number
  template: number | null
}

interface Place {
  host: string
  firstBad: number
  lastGood: number
}

const jobById = query<{ number: number }>()((param) =>
  tables
    .selectFrom('job')
    .select(['id', 'environment'])
    .where('number', '=', param('number'))
    .where(sql<boolean>`complete = 1`),
)

/** @param difference  between the two jobs that are compared. */
export async function alsoOn(
  connection: Connection,
  regressed: readonly Regressed[],
  host: number | null,
  difference: Difference,
): Promise<AlsoOn[]> {
  const here = new Set(componentsOf(difference).map(keyOf))
  if (regressed.length === 0 || here.size === 0) return []
  const found: AlsoOn[] = []
  for (const { place, tests } of await placesOf(connection, regressed.slice(0, MAX_TESTS), host)) {
    const bad = await connection.first(jobById, { number: place.firstBad })
    const good = await connection.first(jobById, { number: place.lastGood })
    if (!bad || !good || bad.environment === null || good.environment === null) continue
    const there = await differenceOf(connection, good.environment, bad.environment)
    const components = there ? componentsOf(there).filter((one) => here.has(keyOf(one))) : []
    if (components.length === 0) continue
    found.push({ host: place.host, first_bad: bad.id, last_good: good.id, tests, components })
  }
  return found
}

function componentsOf({ changed, added }: Difference) {
  return [
    ...changed.map(({ kind, name, to }) => ({ kind, name, to })),
    ...added.map(({ kind, name, ...version }) => ({ kind, name, to: versionText(version) })),
  ]
}

function keyOf({ kind, name, to }: { kind: string; name: string; to: string }): string {
  return JSON.stringify([kind, name, to])
}

/** On each other host: where most of the tests broke. */
async function placesOf(connection: Connection, regressed: readonly Regressed[], host: number | null) {
  const templates = new Map(regressed.map(({ testcase, template }) => [testcase, template]))
  const listed = dynamicQuery<{ host: number }>('regressionsElsewhere')((param) =>
    tables
      .selectFrom('regression')
      .innerJoin('regression_host', 'regression_host.regression', 'regression.id')
      .innerJoin('host', 'host.id', 'regression_host.host')
      .leftJoin('template', 'template.id', 'regression.template')
      .select(['regression.testcase', 'host.name as host'])
      .select(sql<number | null>`coalesce(template.parent, regression.template)`.as('template'))
      .select(['regression_host.first_bad as firstBad', 'regression_host.last_good as lastGood'])
      .where(sql<boolean>`regression.testcase IN ${members([...templates.keys()])}`)
      .where('regression.state', 'in', ['open', 'fixing', 'fixed'])
      .where('regression_host.host', '<>', param('host')),
  )
  const places = new Map<string, { place: Place; tests: Set<number> }>()
  for (const { testcase, template, host: name, firstBad, lastGood } of await connection.all(listed, {
    host: host ?? 0,
  })) {
    const isSame = template === null || (templates.get(testcase) ?? template) === template
    if (!isSame || firstBad === null || lastGood === null) continue
    const key = JSON.stringify([name, firstBad, lastGood])
    const place = places.get(key) ?? { place: { host: name, firstBad, lastGood }, tests: new Set() }
    place.tests.add(testcase)
    places.set(key, place)
  }
  const sorted = [...places.values()]
    .map(({ place, tests }) => ({ place, tests: tests.size }))
    .sort((one, other) => other.tests - one.tests || (one.place.host < other.place.host ? -1 : 1))
  const best = [...Map.groupBy(sorted, ({ place }) => place.host).values()].flatMap(([first]) => first ?? [])
  return best.slice(0, MAX_HOSTS)
}
