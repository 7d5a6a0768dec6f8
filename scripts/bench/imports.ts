// Imports: many jobs as NDJSON, and a job of real Avocado.

import { Database as Sqlite } from 'bun:sqlite'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import { Database } from '../../src/storage/database'
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
    const start = performance.now()
    const reply = await fetch(`${server.origin}/imports/?format=ndjson`, { method: 'POST', body })
    await reply.arrayBuffer()
    own.push((tests * 1000) / (performance.now() - start))
    await server.stop()
    if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status}`)
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
  const insertTestcase = sqlite.prepare('INSERT INTO testcase (text) VALUES (?)')
  const insertJob = sqlite.prepare(
    `INSERT INTO job (id, description, time, received_at, heard_at, elapsed, status, complete)
     VALUES (?, ?, ${TIME}, ${TIME}, ${TIME}, 0, 6, 1)`,
  )
  const insertTest = sqlite.prepare(
    `INSERT INTO test (job, number, testcase, status, completed_by_activity, has_started, ran_at)
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

/** Between two single posts, in milliseconds. They come whether or not the one before is answered: so does real load. */
const EVERY_MS = 5

/** How long those wait who post one test each while 100,000 are imported, in one of these forms. */
export async function measureBeside(): Promise<void> {
  const server = await startServer('beside.sqlite', ['--open'])
  const post = (path: string, body: string) =>
    fetch(server.origin + path, { method: 'POST', body, headers: JSON_TYPE })
  try {
    await (await post('/jobs/', JSON.stringify({ id: 'single' }))).arrayBuffer()
    for (const [what, path, bodyOf] of longImports) {
      const p99: number[] = []
      for (let run = 0; run < RUNS; run++) {
        let isUnderWay = true
        const imported = post(path, bodyOf(`${what}-${run}`)).then(async (reply) => {
          isUnderWay = false
          if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.status} ${await reply.text()}`)
          await reply.arrayBuffer()
        })
        const waits: Promise<number>[] = []
        while (isUnderWay) {
          const start = performance.now()
          const tag = `${waits.length}-${what}-${run}`
          const posted = post('/jobs/single/tests/', JSON.stringify({ tag }))
          waits.push(posted.then((reply) => reply.arrayBuffer()).then(() => performance.now() - start))
          await Bun.sleep(EVERY_MS)
        }
        await imported
        const milliseconds = await Promise.all(waits)
        p99.push(milliseconds.toSorted((a, b) => a - b)[Math.floor(milliseconds.length * 0.99)] ?? Number.NaN)
      }
      rows.push([`p99 of single posts beside an import, ${what}`, `${spread(p99)} ms`, '', '', 'under 100'])
    }
  } finally {
    await server.stop()
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }
const LONG = 100_000

const longImports: [what: string, path: string, bodyOf: (name: string) => string][] = [
  [
    `${LONG / TESTS_PER_LINE} lines of ${TESTS_PER_LINE} tests`,
    '/imports/?format=ndjson',
    (name) =>
      Array.from({ length: LONG / TESTS_PER_LINE }, (_, job) => {
        const tests = Array.from({ length: TESTS_PER_LINE }, (_, test) => testOf(job, test))
        return JSON.stringify({ id: idOf(`${name}-${job}`), tests })
      }).join('\n'),
  ],
  [
    `results.json of ${LONG} tests`,
    '/imports/?format=results-json',
    (name) => {
      const tests = Array.from({ length: LONG }, (_, test) => {
        const { tag, status } = testOf(0, test)
        return { id: tag, status, actual_time_start: 1.76e9 + test, actual_time_end: 1.76e9 + test + 1 }
      })
      return JSON.stringify({ job_id: idOf(name), tests, total: LONG, time: LONG })
    },
  ],
  [
    `xUnit of ${LONG} tests`,
    '/imports/?format=xml',
    (name) => {
      const cases = Array.from({ length: LONG }, (_, test) => `<testcase name="${tagOf(test)}" time="1"/>`)
      return `<testsuite name="${name}" tests="${LONG}">${cases.join('\n')}</testsuite>`
    },
  ],
  [
    `TAP of ${LONG} tests`,
    '/imports/?format=tap',
    (name) =>
      [`1..${LONG}`, ...Array.from({ length: LONG }, (_, test) => `ok ${test + 1} ${name}`)].join('\n'),
  ],
]

const tagOf = (test: number) => testOf(0, test).tag

function idOf(text: string): string {
  return new Bun.CryptoHasher('sha1').update(text).digest('hex')
}

function testOf(job: number, test: number) {
  return {
    tag: `${String(test + 1).padStart(2, '0')}-suite_${job % 20}.py:Test.test_${test % 500}`,
    status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
  }
}
