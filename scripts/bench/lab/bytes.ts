// What a run, a fail reason and an environment take on disk, and what it took to fill the lab.

import { Database as Sqlite } from 'bun:sqlite'
import { rows } from '../table'
import type { Filled } from './databases'

/** What is stored for one of a kind: the tables, with all their indexes. */
const kinds: [what: string, of: string, tables: string[]][] = [
  ['a run', 'test', ['test']],
  [
    'what is derived of a run',
    'test',
    [
      ...['series', 'regression', 'regression_host', 'testcase_flakiness', 'template', 'template_run'],
      ...['job_verdict', 'incident'],
    ],
  ],
  ['a job', 'job', ['job', 'job_label', 'job_search', 'job_data', 'job_activity']],
  ['a fail reason', 'fail_reason', ['fail_reason', 'reason_search']],
  ['an environment', 'environment', ['environment', 'environment_component']],
  ['a component', 'component', ['component']],
  ['a test case', 'testcase', ['testcase', 'testcase_search']],
]

export function measureBytes(path: string, filled: Filled): void {
  const sqlite = new Sqlite(path, { readonly: true })
  const values = (text: string) => {
    using statement = sqlite.prepare(text)
    return statement.values() as [number, ...number[]][]
  }
  const label = `${(filled.tests / 1e6).toFixed(1)} million tests`
  // One pass over the file for all tables.
  const bytes = new Map<string, number>()
  using pages = sqlite.prepare(`SELECT tbl_name, sum(pgsize) FROM dbstat
    JOIN sqlite_schema ON sqlite_schema.name = dbstat.name WHERE aggregate = 1 GROUP BY tbl_name`)
  for (const [name, size] of pages.values() as [string, number][]) bytes.set(name, size)
  for (const [what, of, tables] of kinds) {
    const count = values(`SELECT count(*) FROM ${of}`)[0]?.[0] ?? 0
    // The tables that a search index is made of have names that begin with its name.
    const size = [...bytes]
      .filter(([name]) =>
        tables.some((table) => name === table || (table.endsWith('_search') && name.startsWith(table))),
      )
      .reduce((sum, [, size]) => sum + size, 0)
    rows.push([
      `bytes of ${what} with indexes, ${label}`,
      (size / count).toFixed(1),
      `${count} of them`,
      '',
      '',
    ])
  }
  const [[failures = 0] = []] = values('SELECT count(*) FROM test WHERE fail_reason IS NOT NULL')
  const [[distinct = 0] = []] = values('SELECT count(*) FROM fail_reason')
  const [[templates = 0] = []] = values('SELECT count(*) FROM template')
  rows.push([
    `failures, ${label}`,
    String(failures),
    `${distinct} distinct reasons, ${templates} templates`,
    '',
    '',
  ])
  sqlite.close()
  const { environmentSeconds, importSeconds, settleSeconds, tests, load, cores } = filled
  const loads = load.length > 0 ? `, load ${Math.min(...load)} to ${Math.max(...load)} on ${cores} cores` : ''
  rows.push(
    [
      `to fill ${label}`,
      `${importSeconds} s`,
      `${Math.round(tests / importSeconds)} tests/s${loads}`,
      '',
      '',
    ],
    [`to send its environments`, `${environmentSeconds} s`, '', '', ''],
    [`until all is derived, after that`, `${settleSeconds} s`, '', '', ''],
  )
}
