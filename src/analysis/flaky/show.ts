// The rows of /flaky/ in the wire format.

import { compareTexts } from '../../lib/texts'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { showRerun } from '../flakiness/model'
import { knownFlakeRate } from '../flakiness/rerun'
import { wilsonInterval } from '../flakiness/wilson'
import { toTestcase } from '../model'
import { hostNames, templateTexts, toJobItem } from '../names'
import type { FlakyItem } from './model'
import type { FlakyRow } from './rows'
import { readPlaces } from './stored'

const jobsOfTests = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .select(['test.id as test', 'job.number', 'job.id', 'test.time'])
    .where(inList('test.id', param('tests'))),
)

/** @param rows  of a page. */
export async function showRows(connection: Connection, rows: readonly FlakyRow[]): Promise<FlakyItem[]> {
  const stored = rows.filter(({ places }) => places === undefined).map(({ id }) => id)
  const places = stored.length > 0 ? await readPlaces(connection, stored) : new Map()
  const placesOf = (row: FlakyRow) => row.places ?? places.get(row.id) ?? { hosts: [], streak: 0 }
  const hosts = await hostNames(
    connection,
    rows.flatMap((row) => placesOf(row).hosts),
  )
  const texts = await templateTexts(
    connection,
    rows.flatMap(({ templates }) => templates.filter((one) => typeof one === 'number')),
  )
  const tests = toNumberList(rows.flatMap(({ last }) => last?.test ?? []))
  const jobs = new Map((await connection.all(jobsOfTests, { tests })).map((row) => [row.test, row]))
  return rows.map((row) => {
    const { runs, flakes, events } = row
    const rate = runs === 0 ? 0 : flakes / runs
    const { hosts: where, streak } = placesOf(row)
    const last = row.last && jobs.get(row.last.test)
    const templates = row.templates.filter((one): one is number => typeof one === 'number' && texts.has(one))
    return {
      ...toTestcase(row),
      rate: row.rate,
      low: row.low,
      high: row.high,
      flaky: row.flaky,
      streaks: { runs, flakes, events, rate, low: wilsonInterval(flakes, runs).low },
      hosts: namesOf(where, hosts),
      templates: templates.map((one) => texts.get(one) ?? ''),
      template_ids: templates,
      last_flake: last ? { ...toJobItem(last), test: last.test } : null,
      cost_seconds: row.cost,
      rerun: showRerun(knownFlakeRate(row, { runs, flakes }), streak, row.flaky ? row.rate : rate),
    }
  })
}

/** In the order of their names; one that is unknown is the last. */
function namesOf(hosts: readonly (number | null)[], names: ReadonlyMap<number, string>): (string | null)[] {
  const known = hosts.flatMap((host) => (host === null ? [] : (names.get(host) ?? [])))
  return [...known.sort(compareTexts), ...(hosts.includes(null) ? [null] : [])]
}
