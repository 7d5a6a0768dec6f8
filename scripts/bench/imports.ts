// Imports: many jobs as NDJSON, and a job of real Avocado.

import { Database as Sqlite } from 'bun:sqlite'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import { Database } from '../../src/storage/database'
import { longImports, p99, postBeside, testOf } from '../../test/support/long-imports'
import { folder, quick, RUNS, SECONDS } from './options'
import { type Running, startServer } from './processes'
import { RAN_AT, TIME } from './raw'
import { compare, rows, spread } from './table'

const samples = resolve(import.meta.dir, '../../test/fixtures/jobs/big-360')
const LINES = quick ? 400 : 8000
const TESTS_PER_LINE = 50

/**
 * NDJSON against bun:sqlite itself, which inserts the same rows into the same tables in one transaction; each into a
 * new database.
 */
export async function compareLines(): Promise<void> {
  const own: number[] = []
  const raw: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const { jobs, tests } = linesOf(`bench-${run}`)
    raw.push(insertRaw(jobs, join(folder, `raw-${run}.sqlite`)))
    const body = jobs.map((job) => JSON.stringify(job)).join('\n')
    const server = await startServer(`lines-${run}.sqlite`, ['--open'])
    const send = async (body: string) => {
      const reply = await fetch(`${server.origin}/imports/?format=ndjson`, { method: 'POST', body })
      await reply.arrayBuffer()
      if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status}`)
    }
    // The first 400 jobs take a program that has just started twice as long as the next: a short run has no others.
    if (quick) await send(body.replaceAll(`"bench-${run}`, `"warm-${run}`))
    const start = performance.now()
    await send(body)
    own.push((tests * 1000) / (performance.now() - start))
    await server.stop()
  }
  compare(`NDJSON, ${LINES} jobs of ${TESTS_PER_LINE} tests`, own, raw, {
    unit: ' tests/s',
    against: 'raw bun:sqlite, one transaction',
    target: '0.40',
  })
}

/** @param name  another one, other ids. */
export function linesOf(name: string): { jobs: Line[]; tests: number } {
  const jobs = Array.from({ length: LINES }, (_, job) => ({
    id: `${name}-${job}`,
    description: `line ${job}`,
    status: 'PASS',
    tests: Array.from({ length: TESTS_PER_LINE }, (_, test) => testOf(job, test)),
  }))
  return { jobs, tests: LINES * TESTS_PER_LINE }
}

interface Line {
  id: string
  description: string
  tests: { tag: string; status: string }[]
}

/** @returns tests per second */
export function insertRaw(jobs: Line[], path: string): number {
  Database.open(path).database.close()
  const sqlite = new Sqlite(path, { strict: true })
  sqlite.run('PRAGMA synchronous = FULL')
  const insertTestcase = sqlite.prepare("INSERT INTO testcase (text, suite) VALUES (?, '')")
  const insertJob = sqlite.prepare(
    `INSERT INTO job (id, description, time, received_at, last_report_at, elapsed, status, complete)
     VALUES (?, ?, ${TIME}, ${TIME}, ${TIME}, 0, 6, 1)`,
  )
  const insertTest = sqlite.prepare(
    `INSERT INTO test (job, prefix, testcase, status, completed_by_activity, has_started, ran_at)
     VALUES (?, ?, ?, ?, 0, 0, ${RAN_AT})`,
  )
  const testcases = new Map<string, number>()
  const start = performance.now()
  sqlite.run('BEGIN IMMEDIATE')
  for (const { id, description, tests } of jobs) {
    const job = Number(insertJob.run(id, description).lastInsertRowid)
    for (const { tag, status } of tests) {
      const number = tag.slice(0, 3)
      const text = tag.slice(3)
      let testcase = testcases.get(text)
      if (testcase === undefined) {
        testcase = Number(insertTestcase.run(text).lastInsertRowid)
        testcases.set(text, testcase)
      }
      insertTest.run(job, number, testcase, status === 'PASS' ? 1 : 3)
    }
  }
  sqlite.run('COMMIT')
  const seconds = (performance.now() - start) / 1000
  sqlite.close()
  return (jobs.length * TESTS_PER_LINE) / seconds
}

/** A real job of 360 tests with variants: its results.json, under another id each time. */
export async function importSample(server: Running, headers: Record<string, string>): Promise<void> {
  const [path = ''] = [...new Glob('*/results.json').scanSync(samples)]
  const results = JSON.parse(readFileSync(join(samples, path), 'utf8')) as { job_id: string }
  const end = performance.now() + SECONDS * 1000
  const start = performance.now()
  let imports = 0
  for (; performance.now() < end; imports++) {
    const body = JSON.stringify({ ...results, job_id: `sample-${imports}` })
    const reply = await fetch(`${server.origin}/imports/`, { method: 'POST', body, headers })
    await reply.arrayBuffer()
    if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status}`)
  }
  const perSecond = (imports * 1000) / (performance.now() - start)
  rows.push([
    'results.json of big-360, one after another',
    `${perSecond.toFixed(1)} jobs/s`,
    `${Math.round(perSecond * 360)} tests/s`,
    '',
    '',
  ])
}

/** How long those wait who post one test each while 100,000 are imported, in one of these forms. */
export async function measureBeside(): Promise<void> {
  const server = await startServer('beside.sqlite', ['--open'])
  try {
    const job = { method: 'POST', body: JSON.stringify({ id: 'single' }), headers: JSON_TYPE }
    await (await fetch(`${server.origin}/jobs/`, job)).arrayBuffer()
    for (const long of longImports) {
      const figures: number[] = []
      for (let run = 0; run < RUNS; run++) {
        const { posted } = await postBeside(server.origin, 'single', long, `${long.what}-${run}`)
        figures.push(p99(posted))
      }
      rows.push([`p99 of single posts beside ${long.what}`, `${spread(figures)} ms`, '', '', 'under 100'])
    }
  } finally {
    await server.stop()
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
