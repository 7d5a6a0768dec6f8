// Regressions in the wire format.

import { compareTexts } from '../../lib/texts'
import { formatTime } from '../../lib/time'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { toTestcase } from '../model'
import { distroNames, hostNames, JobItems } from '../names'
import type { RegressionItem } from './model'

type Ids = { ids: NumberList }

const byIds = query<Ids>()((param) =>
  tables
    .selectFrom('regression')
    .innerJoin('testcase', 'testcase.id', 'regression.testcase')
    .leftJoin('template', 'template.id', 'regression.template')
    .leftJoin('template as cluster', 'cluster.id', 'template.parent')
    .selectAll('regression')
    .select(['testcase.text', 'testcase.suite', 'testcase.variant'])
    .select((column) => [
      column.fn.coalesce('cluster.text', 'template.text').as('templateText'),
      column.fn.coalesce('cluster.id', 'template.id').as('templateId'),
    ])
    .where(inList('regression.id', param('ids'))),
)
const placesOf = query<Ids>()((param) =>
  tables
    .selectFrom('regression_host')
    .selectAll()
    .where(inList('regression', param('ids'))),
)
const testsWith = query<{ template: number; state: RegressionItem['state'] }>()((param) =>
  tables
    .selectFrom(
      tables
        .selectFrom('regression')
        .select('testcase')
        .distinct()
        .where('template', '=', param('template'))
        .where('state', '=', param('state'))
        .as('distinct_testcase'),
    )
    .select((column) => column.fn.countAll<number>().as('count')),
)

/** @returns the regressions in the order of their ids in `ids`; those that do not exist are left out. */
export async function showRegressions(
  connection: Connection,
  ids: readonly number[],
): Promise<RegressionItem[]> {
  const given = { ids: toNumberList(ids) }
  const rows = await connection.all(byIds, given)
  const places = await connection.all(placesOf, given)
  const hosts = await hostNames(
    connection,
    places.map(({ host }) => host),
  )
  const distros = await distroNames(
    connection,
    places.map(({ distro }) => distro),
  )
  const jobs = await JobItems.read(connection, [
    ...rows.flatMap(({ first_bad, low, high, last_good, fixed_in, last_bad }) => [
      first_bad,
      low,
      high,
      last_good,
      fixed_in,
      last_bad,
    ]),
    ...places.flatMap(({ first_bad, last_good, fixed_in }) => [first_bad, last_good, fixed_in]),
  ])
  const byId = new Map<number, RegressionItem>()
  for (const row of rows) {
    const first = jobs.find(row.first_bad)
    const tests = row.templateId === null ? 1 : await countTests(connection, row.templateId, row.state)
    byId.set(row.id, {
      id: row.id,
      ...toTestcase({ testcase: row.text, suite: row.suite, variant: row.variant }),
      template: row.templateText,
      template_id: row.templateId,
      state: row.state,
      probability: row.probability,
      first_bad: first && {
        ...first,
        time: formatTime(row.first_bad_time),
        low: jobs.find(row.low)?.job ?? first.job,
        high: jobs.find(row.high)?.job ?? first.job,
        tests: row.tests,
      },
      last_good: jobs.find(row.last_good),
      fixed_in: jobs.find(row.fixed_in),
      last_bad: jobs.find(row.last_bad),
      hosts: places
        .filter(({ regression }) => regression === row.id)
        .map((place) => ({
          host: hosts.get(place.host) ?? null,
          distro: distros.get(place.distro) ?? null,
          state: place.state as RegressionItem['state'],
          first_bad: jobs.find(place.first_bad),
          last_good: jobs.find(place.last_good),
          fixed_in: jobs.find(place.fixed_in),
        }))
        .sort(byPlace),
      tests,
      changed_at: formatTime(row.changed_at),
    })
  }
  return ids.flatMap((id) => byId.get(id) ?? [])
}

type PlaceItem = RegressionItem['hosts'][number]

/** By the names of host and distro, those that are unknown first. */
function byPlace(one: PlaceItem, other: PlaceItem): number {
  return compareTexts(one.host ?? '', other.host ?? '') || compareTexts(one.distro ?? '', other.distro ?? '')
}

async function countTests(
  connection: Connection,
  template: number,
  state: RegressionItem['state'],
): Promise<number> {
  return (await connection.first(testsWith, { template, state }))?.count ?? 1
}
