// How SQLite goes about every query of the app: none looks at all rows of a table that grows, and none sorts what grows
// with the data, but for those that are named here with the reason.

import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import pino from 'pino'
import { createApp } from '../../src/server/app'
import { createServices } from '../../src/server/services'
import { declaredQueries } from '../../src/storage/query'
import { ownQuery } from '../support/own-query'
import { type Seen, watchQueries } from '../support/plans'
import { withServer } from '../support/server'
import { tour } from './tour'

const sources = join(import.meta.dir, '../../src')
const server = withServer()
const { seen, stop } = watchQueries()
let declared: number
let asked: Set<string>

beforeAll(async () => {
  // Those of commands, too.
  for (const file of new Glob('**/*.ts').scanSync(sources)) {
    if (/\bquery[<(]/.test(readFileSync(join(sources, file), 'utf8'))) await import(join(sources, file))
  }
  declared = declaredQueries().length
})

beforeEach(async () => {
  asked ??= await tour(server)
})

afterAll(stop)

/** Queries that may look at all rows, or sort. */
interface Exception {
  reason: string
  fits(seen: Seen): boolean
}

/** Tables that stay small. */
const FEW = ['change', 'job_total', 'component_kind', 'arch', 'distro', 'user', 'token', 'session']

const COUNT_OF_ENVIRONMENTS = /^select \(SELECT count\(\*\) FROM environment\) - /

/** In the reader's worker, by a task that no client waits for. */
const background: Exception[] = [
  {
    reason: 'the test cases that known issues hit, or may hit, are told apart in the background',
    fits: ({ sql }) => /^select distinct "(?:test"\.")?(?:template_run"\.")?testcase" from /.test(sql),
  },
  {
    reason: 'the known issues are 2,000 at most, and the rows of each are looked at in the background',
    fits: ({ sql, plan }) =>
      !sql.includes(' offset ') &&
      scansOf(plan).length > 0 &&
      scansOf(plan).every((table) => ['known_issue', 'change'].includes(table)) &&
      !sorts(plan),
  },
  {
    reason: 'the regressions with one reason are sorted in the background',
    fits: ({ sql, plan }) =>
      sql.includes('"own_probability" as "probability"') &&
      plan.includes('SEARCH regression USING INDEX regression_by_template (template=? AND state=?)'),
  },
]

const exceptions: Exception[] = [
  {
    reason: 'the command check --repair marks the jobs with many failures at once, which few are',
    fits: ({ sql }) => sql.includes('SELECT host, time, 0 FROM job_verdict'),
  },
  {
    reason:
      'the tests with flakes are a part of all tests, in an index of their own; the list is sorted in memory',
    fits: ({ sql, plan }) =>
      sql.includes('from "testcase_flakiness" as "known"') &&
      !sorts(plan) &&
      scansOf(plan).join() === 'known',
  },
  {
    reason: 'the failures of a range of time with one template, or those of each, are counted in the worker',
    fits: ({ sql, plan }) =>
      /"template_run"/.test(sql) && scansOf(plan).every((table) => ['found', 'json_each'].includes(table)),
  },
  {
    reason: 'clusters that failed equally often at one moment are in the order of their hashes',
    fits: ({ sql }) =>
      sql.startsWith('select "id" from "template" where "id" IN') && sql.endsWith('order by "hash"'),
  },
  {
    reason:
      'the jobs that may still run are few, and the tests of one that is over are looked at in the background',
    fits: ({ sql, plan }) =>
      sql.includes('"elapsed" >= 0.01') || /^SCAN job USING INDEX job_open$/.test(plan[0] ?? ''),
  },
  {
    reason: 'the command check looks at all test cases, to repair',
    fits: ({ sql }) => sql.startsWith('insert into "stale_incident" ("testcase", "change") SELECT testcase,'),
  },
  {
    reason: 'the command check looks at all jobs with an environment',
    fits: ({ sql }) => sql.includes('job.distro IS DISTINCT FROM environment.distro'),
  },
  {
    reason: 'a row a status, an architecture, a person, a browser that is signed in',
    fits: ({ plan }) => scansOf(plan).every((table) => FEW.includes(table)) && !sorts(plan),
  },
  {
    reason:
      'counted from the smallest index, a third of a millisecond for 100,000: they are made by hand, or by packages',
    fits: ({ sql }) =>
      sql === 'select count(*) as "count" from "component"' || COUNT_OF_ENVIRONMENTS.test(sql),
  },
  {
    reason: 'a page of environments: those that are hidden, which are left out on the way, are few',
    fits: ({ sql, plan }) =>
      /^select "id" from "environment" where environment.hash >= .* limit \+\? offset \+\?$/.test(sql) &&
      !sorts(plan),
  },
  {
    reason: 'the contents that have lost a name are dealt with once, and are gone from there',
    fits: ({ sql }) => sql.includes('from "released_file"'),
  },
  {
    reason: 'the components of one environment are read whole',
    fits: ({ sql, plan }) =>
      plan[0] === 'SEARCH environment_component USING PRIMARY KEY (environment=?)' &&
      / where "environment_component"."environment" = \+\?/.test(sql),
  },
  {
    reason: 'the tests of one job are read, to be filtered and sorted in ways that no index has',
    fits: ({ plan }) => searches(plan, 'test_by_tag (job=?)') && scansOf(plan).length === 0,
  },
  {
    reason: 'a page is sorted that was found along an index',
    fits: ({ sql, plan }) =>
      searches(plan, 'test_history (testcase=?)') && / in \(select .* limit \+\? offset \+\?\)/s.test(sql),
  },
  {
    reason: 'only the tests that failed in a range of time are counted, from an index that has no others',
    fits: ({ plan }) => searches(plan, 'test_failing (ran_at>? AND ran_at<?)'),
  },
  {
    reason: 'the hosts of a window: a lab has few, and for each the index of its jobs is asked once',
    fits: ({ sql, plan }) =>
      sql.startsWith('select count(*) as "count" from "host" where in_time() and EXISTS') && !sorts(plan),
  },
  {
    reason: 'the jobs of a window that a filter lets through are counted, and their hosts told apart',
    fits: ({ query, plan }) =>
      query.name === 'countJobsInScope' && searches(plan, 'job_by_time (time>? AND time<?)'),
  },
  {
    reason:
      'a list of jobs walks along its ordering, past what the filter leaves out, where that is less than to sort',
    fits: ({ query, plan }) => query.name === 'listJobs' && /^SCAN job\b/.test(plan[0] ?? '') && !sorts(plan),
  },
  {
    reason: 'the names of testcases are walked in their order: a lab has few, however often they run',
    fits: ({ query, plan }) => query.name === 'listTestcases' && !sorts(plan),
  },
  {
    reason: 'the test cases of all jobs are listed in the order of their names or suites: a lab has few',
    fits: ({ sql }) =>
      /^select json_group_array\("id"\) as "ids" from \(select "id" from "testcase" /.test(sql),
  },
  {
    reason:
      'runs of one moment, which few are, are sorted; the index of a test case has the moments in order',
    fits: ({ plan }) =>
      plan.includes('USE TEMP B-TREE FOR LAST TERM OF ORDER BY') &&
      plan.some((step) => step.includes(' test_history (testcase=?')),
  },
  {
    reason: 'what a filter of jobs lets through is sorted where that is less than the way along the ordering',
    fits: ({ query, plan }) =>
      query.name === 'listJobs' &&
      scansOf(plan).every((table) => FEW.includes(table)) &&
      searches(plan, 'job USING INTEGER PRIMARY KEY (rowid=?)'),
  },
  {
    reason: 'an ordering by several fields sorts',
    fits: ({ query, sql }) => query.name === 'listJobs' && (sql.match(/ (asc|desc)\b/g) ?? []).length > 4,
  },
  {
    reason: 'results: of each thing that is named the newest 100,000 are sorted or grouped at most',
    fits: ({ query, plan }) =>
      ['listResults', 'latestResults'].includes(query.name ?? '') && scansOf(plan).length === 0,
  },
  {
    reason:
      'regressions: a row for each test and reason that ever began to fail, counted beside other requests',
    fits: ({ query, plan }) =>
      ['listRegressions', 'countRegressions'].includes(query.name ?? '') &&
      scansOf(plan).every((table) => table === 'regression'),
  },
  ...background,
  {
    reason: 'whether anything is marked: the first row says it',
    fits: ({ sql }) => /EXISTS \(SELECT 1 FROM stale_(job|incident)\)/.test(sql),
  },
  {
    reason: 'the known issues are 2,000 at most, and listed where nobody waits for it',
    fits: ({ query, plan }) =>
      ['listKnownIssues', 'countKnownIssues'].includes(query.name ?? '') &&
      scansOf(plan).every((table) => table === 'known_issue'),
  },
  {
    reason:
      'what people said is counted where nobody waits for it, and sorted for one thing: 1,000 comments at most',
    fits: ({ sql, plan }) =>
      / from "(comment|claim)"/.test(sql) &&
      scansOf(plan).every((table) => table === 'comment' || table === 'claim'),
  },
  {
    reason: 'failures of one moment are sorted; the index of a known issue has the moments in order',
    fits: ({ sql, plan }) =>
      sql.includes('"known_issue_incident" as "incident"') &&
      plan.some((step) => /^USE TEMP B-TREE FOR LAST \d TERMS OF ORDER BY$/.test(step)),
  },
  {
    reason: 'the audit log has 250,000 entries at most, and administrators alone look through it',
    fits: ({ query, plan }) =>
      ['listEntries', 'countEntries'].includes(query.name ?? '') &&
      scansOf(plan).every((table) => table === 'audit') &&
      !sorts(plan),
  },
  {
    reason: 'groups: those that are named are sorted',
    fits: ({ query, plan }) => query.name === 'listGroups' && scansOf(plan).length === 0,
  },
]

/** Queries that look at rows where others wait for them. */
const quick: Exception[] = [
  {
    reason: 'the jobs of one host around a moment, in the background: 200 on each side at most',
    fits: ({ sql, plan }) =>
      sql.includes('as "isRecovered" from "job"') &&
      /job_(by_host|wrong_clock) \(host=\? AND \w+[<>]\?\)$/.test(plan[0] ?? ''),
  },
  {
    reason:
      'the jobs that may still run are few, and the tests of one that is over are looked at in the background',
    fits: ({ sql, plan }) =>
      sql.includes('"elapsed" >= 0.01') || /^SCAN job USING INDEX job_open$/.test(plan[0] ?? ''),
  },
  {
    reason: 'the command check looks at all jobs with an environment',
    fits: ({ sql }) => sql.includes('job.distro IS DISTINCT FROM environment.distro'),
  },
  ...background,
  {
    reason: 'whether anything is marked: the first row says it',
    fits: ({ sql }) => /EXISTS \(SELECT 1 FROM stale_(job|incident)\)/.test(sql),
  },
  {
    reason: 'a row a status, an architecture, a person, a browser that is signed in',
    fits: ({ plan }) => scansOf(plan).length > 0 && scansOf(plan).every((table) => FEW.includes(table)),
  },
  {
    reason: 'made by hand, or by packages: 100,000 of them take a third of a millisecond',
    fits: ({ sql }) => / from "component"/.test(sql) || COUNT_OF_ENVIRONMENTS.test(sql),
  },
  {
    reason:
      'what belongs to one thing is walked along its index, as far as the page: milliseconds for 100,000',
    fits: ({ sql, plan }) =>
      / = \+\? order by [^ ]+ limit \+\? offset \+\?$/.test(sql) && scansOf(plan).length === 0,
  },
  {
    reason: 'the contents that have lost a name are dealt with some at a time',
    fits: ({ sql }) => sql.includes('from "released_file"'),
  },
]

/** The tables whose rows are looked at one after another. What a search finds in its index is no such thing. */
function scansOf(plan: string[]): string[] {
  const made = plan.flatMap((step) => /^CO-ROUTINE (\w+)/.exec(step)?.[1] ?? [])
  made.push('given') // the rows that a statement is given: see storage/rows-query.ts
  return plan
    .filter((step) => !/VIRTUAL TABLE INDEX|CONSTANT ROW/.test(step))
    .flatMap((step) => /^SCAN (\w+)/.exec(step)?.[1] ?? [])
    .filter((table) => !made.includes(table))
}

function sorts(plan: string[]): boolean {
  return plan.some((step) => step.startsWith('USE TEMP B-TREE'))
}

function searches(plan: string[], index: string): boolean {
  return plan.some((step) => step.startsWith('SEARCH ') && step.endsWith(index))
}

/** A search among words, the way to a page, and whatever is an exception below. */
function mayBeLong(one: Seen): boolean {
  const reads = /^(select|with)\b/i.test(one.sql)
  const finds = one.plan.some((step) => /^SCAN \w+_search VIRTUAL/.test(step))
  return reads && (isFaulty(one) || finds || / offset /.test(one.sql))
}

/** With a limit a scan ends when the page is full, unless something is left out on the way. Hidden jobs are few. */
function isFaulty({ sql, plan }: Seen): boolean {
  const leavesOut =
    / where (?!(job\.complete = 1|job\.number NOT IN \(SELECT number FROM job WHERE complete = 0\)) order )/
  return sorts(plan) || (scansOf(plan).length > 0 && (leavesOut.test(sql) || !/ limit \+\?/.test(sql)))
}

test('a query that looks at all rows or sorts is one of those that are named', () => {
  const faulty = [...seen.values()].filter(isFaulty)
  const unnamed = faulty.filter((one) => !exceptions.some(({ fits }) => fits(one)))
  expect(unnamed.map(({ sql, plan }) => ({ sql, plan }))).toEqual([])
})

test('what may look at many rows has a row budget, so that nobody else waits for it, or is named', () => {
  const unbudgeted = [...seen.values()].filter((one) => mayBeLong(one) && !one.budgeted)
  const unnamed = unbudgeted.filter((one) => !quick.some(({ fits }) => fits(one)))
  expect(unnamed.map(({ sql, plan }) => ({ sql, plan }))).toEqual([])
  expect(quick.filter(({ fits }) => !unbudgeted.some(fits)).map(({ reason }) => reason)).toEqual([])
})

test('a test is found by its tag, or its testcase, without a look at the others of its job', () => {
  const byText = [...seen.values()].filter(({ sql }) => /\b(testcase"?|named)\."?text"? = /.test(sql))
  const ofJobs = byText.filter(({ sql }) => /job"? = /.test(sql))
  expect(ofJobs.length).toBeGreaterThan(1)
  const isFound = (step: string) => step.includes('test_by_tag (job=? AND testcase=?')
  expect(ofJobs.filter(({ plan }) => !plan.some(isFound)).map(({ sql }) => sql)).toEqual([])
})

test('every exception is needed', () => {
  const faulty = [...seen.values()].filter(isFaulty)
  expect(exceptions.filter(({ fits }) => !faulty.some(fits)).map(({ reason }) => reason)).toEqual([])
})

test('the plans are those of a database of any size: SQLite has been told nothing of the amounts', async () => {
  const told = await server.database.read(
    ownQuery(async (connection) =>
      connection.row("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'"),
    ),
  )
  expect(told).toEqual([0])
})

test('every query that is declared was seen, and none is declared while the server works', () => {
  const unseen = new Set(declaredQueries())
  for (const { query } of seen.values()) unseen.delete(query)
  expect([...unseen].map((query) => query.compile().sql)).toEqual([])
  expect(declaredQueries().length).toBe(declared)
})

/** The name of a query whose text depends on a request, or on the number of rows that it is given. */
const DYNAMIC = /\b(?:dynamicQuery|new RowsQuery)(?:<[^(]*>)?\(\s*'(\w+)'(?:\)\(|,)/g

test('every dynamic query was seen', () => {
  const dynamic = [...new Glob('**/*.ts').scanSync(sources)].flatMap((file) =>
    [...readFileSync(join(sources, file), 'utf8').matchAll(DYNAMIC)].map(([, name]) => name),
  )
  const names = new Set([...seen.values()].flatMap(({ query }) => query.name ?? []))
  expect([...names].sort()).toEqual([...new Set(dynamic as string[])].sort())
})

test('every route was asked', () => {
  const { database, files, diskSpace, config } = server
  const { elysia } = createApp(
    createServices({
      database,
      files,
      diskSpace,
      config,
      clock: () => 0,
      log: pino({ level: 'silent' }),
    }),
  )
  const unasked = elysia.routes
    .filter(
      ({ method, path, hooks }) =>
        ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method) &&
        !hooks.detail?.hide &&
        !WITHOUT_DATA.test(path),
    )
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => {
      const pattern = new RegExp(`^${route.replace(/:\w+/g, '[^/]+').replace('*', '.+')}$`)
      return ![...asked].some((request) => pattern.test(request))
    })
  expect(unasked).toEqual([])
})

/** Files of the page, the documentation, and the stream of events, which asks what lists ask. */
const WITHOUT_DATA = /^\/(dashboard|swagger|events)\b/
