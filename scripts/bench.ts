// Measures the compiled binary, each figure beside a peer measured in the same run, on loopback only.
//
//   bun run bench            5 s a measurement, 3 runs, medians with their spread
//   bun run bench --quick    1 s a measurement, for a look
//
// The load comes from wrk (Debian: apt-get install wrk); without it from a loop in this process, which is weaker.

import { Database as Sqlite } from 'bun:sqlite'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import { Database } from '../src/storage/database'

const quick = process.argv.includes('--quick')
const RUNS = 3
const SECONDS = quick ? 1 : 5
const JOBS = 10_000
const TESTS_PER_JOB = 20
const CONNECTIONS = 32

const binary = resolve(import.meta.dir, '../dist/avocado-server')
const samples = resolve(import.meta.dir, '../test/fixtures/jobs/big-360')
const wrk = Bun.which('wrk')
const folder = mkdtempSync(join(tmpdir(), 'avocado-bench-'))
const rows: string[][] = []

interface Running {
  origin: string
  pid: number
  stop(): Promise<void>
}

async function main() {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}; Bun ${Bun.version}; load by ${wrk ? 'wrk' : 'a loop (wrk is not installed)'}`,
  )
  console.log(`${RUNS} runs of ${SECONDS} s with ${CONNECTIONS} connections, median (lowest to highest)\n`)
  const server = await measureStart()
  try {
    await fill(server)
    await comparePage(server)
    await compareLines()
    await importSample(server)
    rows.push(['resident after that', `${await residentMb(server.pid)} MB`, '', ''])
  } finally {
    await server.stop()
  }
  print([['what', 'figure', 'peer', 'ratio'], ...rows])
}

/** How long a start takes until the first answer, and what an idle server occupies. */
async function measureStart(): Promise<Running> {
  const milliseconds: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    const server = await startServer()
    await (await fetch(`${server.origin}/jobs/`)).text()
    milliseconds.push(performance.now() - start)
    if (run === RUNS - 1) {
      await Bun.sleep(1000)
      rows.push(['start to first answer', `${spread(milliseconds)} ms`, '', ''])
      rows.push(['resident, idle', `${await residentMb(server.pid)} MB`, '', ''])
      return server
    }
    await server.stop()
  }
  throw new Error('no run')
}

/** Posts whole jobs, as a client would. */
async function fill(server: Running): Promise<void> {
  const start = performance.now()
  let next = 0
  const post = async () => {
    while (next < JOBS) {
      const job = next++
      const tests = Array.from({ length: TESTS_PER_JOB }, (_, test) => ({
        tag: `${String(test + 1).padStart(2, '0')}-test_${test % 7}.py:Test.test_${test};run-${job % 4}`,
        status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
      }))
      const body = JSON.stringify({ description: `job ${job}`, status: 'PASS', tests })
      const headers = { 'content-type': 'application/json' }
      const reply = await fetch(`${server.origin}/jobs/`, { method: 'POST', body, headers })
      if (reply.status !== 201) throw new Error(`POST /jobs/: ${reply.status} ${await reply.text()}`)
      await reply.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  const seconds = (performance.now() - start) / 1000
  rows.push([
    `POST /jobs/, ${TESTS_PER_JOB} tests each, ${JOBS} times`,
    `${Math.round(JOBS / seconds)} jobs/s`,
    `${Math.round((JOBS * TESTS_PER_JOB) / seconds)} tests/s`,
    '',
  ])
}

/** The page that dashboards ask for, against a bare Bun.serve that returns the same bytes. */
async function comparePage(server: Running): Promise<void> {
  const path = '/jobs/?ordering=-time'
  const bytes = await (await fetch(server.origin + path)).bytes()
  const file = join(folder, 'page.json')
  await Bun.write(file, bytes)
  const peer = await startPeer(file)
  const own: number[] = []
  const bare: number[] = []
  try {
    for (let run = 0; run < RUNS; run++) {
      bare.push(await requestsPerSecond(peer.origin + path))
      own.push(await requestsPerSecond(server.origin + path))
    }
  } finally {
    await peer.stop()
  }
  rows.push([
    `GET ${path}, ${bytes.length} bytes`,
    `${spread(own)}/s`,
    `${spread(bare)}/s bare Bun.serve`,
    (median(own) / median(bare)).toFixed(3),
  ])
}

const LINES = quick ? 400 : 2000
const TESTS_PER_LINE = 50

/**
 * NDJSON against bun:sqlite itself, which inserts the same rows into the same tables in one transaction; each into a
 * new database.
 */
async function compareLines(): Promise<void> {
  const own: number[] = []
  const raw: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const jobs = Array.from({ length: LINES }, (_, job) => ({
      id: `bench-${run}-${job}`,
      description: `line ${job}`,
      status: 'PASS',
      tests: Array.from({ length: TESTS_PER_LINE }, (_, test) => ({
        tag: `${String(test + 1).padStart(2, '0')}-suite_${job % 20}.py:Test.test_${test}`,
        status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
      })),
    }))
    raw.push(insertRaw(jobs, join(folder, `raw-${run}.sqlite`)))
    const body = jobs.map((job) => JSON.stringify(job)).join('\n')
    const server = await startServer(`lines-${run}.sqlite`)
    const start = performance.now()
    const reply = await fetch(`${server.origin}/imports/?format=ndjson`, { method: 'POST', body })
    await reply.arrayBuffer()
    own.push((LINES * TESTS_PER_LINE * 1000) / (performance.now() - start))
    await server.stop()
    if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status}`)
  }
  rows.push([
    `NDJSON, ${LINES} jobs of ${TESTS_PER_LINE} tests`,
    `${spread(own)} tests/s`,
    `${spread(raw)} tests/s raw bun:sqlite`,
    (median(own) / median(raw)).toFixed(3),
  ])
}

interface Line {
  id: string
  description: string
  tests: { tag: string; status: string }[]
}

/** @returns tests per second */
function insertRaw(jobs: Line[], path: string): number {
  Database.open(path).database.close()
  const sqlite = new Sqlite(path, { strict: true })
  sqlite.run('PRAGMA synchronous = FULL')
  const insertName = sqlite.prepare('INSERT INTO test_name (text) VALUES (?)')
  const insertJob = sqlite.prepare(
    'INSERT INTO job (id, description, time, received_at, heard_at, elapsed, status, complete) VALUES (?, ?, 0, 0, 0, 0, 6, 1)',
  )
  const insertTest = sqlite.prepare(
    'INSERT INTO test (job, number, name, variant, status) VALUES (?, ?, ?, 1, ?)',
  )
  const names = new Map<string, number>()
  const start = performance.now()
  sqlite.run('BEGIN IMMEDIATE')
  sqlite.run("INSERT INTO test_variant VALUES (1, '')")
  for (const { id, description, tests } of jobs) {
    const job = Number(insertJob.run(id, description).lastInsertRowid)
    for (const { tag, status } of tests) {
      const number = tag.slice(0, 3)
      const text = tag.slice(3)
      let name = names.get(text)
      if (name === undefined) {
        name = Number(insertName.run(text).lastInsertRowid)
        names.set(text, name)
      }
      insertTest.run(job, number, name, status === 'PASS' ? 1 : 3)
    }
  }
  sqlite.run('COMMIT')
  const seconds = (performance.now() - start) / 1000
  sqlite.close()
  return (jobs.length * TESTS_PER_LINE) / seconds
}

/** A real job of 360 tests with variants: its results.json, under another id each time. */
async function importSample(server: Running): Promise<void> {
  const [path = ''] = [...new Glob('*/results.json').scanSync(samples)]
  const results = JSON.parse(readFileSync(join(samples, path), 'utf8')) as { job_id: string }
  const end = performance.now() + SECONDS * 1000
  const start = performance.now()
  let imports = 0
  for (; performance.now() < end; imports++) {
    const body = JSON.stringify({ ...results, job_id: `sample-${imports}` })
    const reply = await fetch(`${server.origin}/imports/`, { method: 'POST', body })
    await reply.arrayBuffer()
    if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status}`)
  }
  const perSecond = (imports * 1000) / (performance.now() - start)
  rows.push([
    'results.json of big-360, one after another',
    `${perSecond.toFixed(1)} jobs/s`,
    `${Math.round(perSecond * 360)} tests/s`,
    '',
  ])
}

async function requestsPerSecond(url: string): Promise<number> {
  if (!wrk) return loop(url)
  const child = Bun.spawn([wrk, '-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, url], { stdout: 'pipe' })
  const output = await child.stdout.text()
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk ${url}:\n${output}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
}

async function loop(url: string): Promise<number> {
  const end = performance.now() + SECONDS * 1000
  let requests = 0
  const ask = async () => {
    for (; performance.now() < end; requests++) await (await fetch(url)).arrayBuffer()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  return requests / SECONDS
}

async function startServer(name = 'bench.sqlite'): Promise<Running> {
  const database = join(folder, name)
  return start([binary, 'runserver', '127.0.0.1:0', '--open', '--database', database])
}

function startPeer(file: string): Promise<Running> {
  const source = `
    const body = await Bun.file(${JSON.stringify(file)}).bytes()
    const headers = { 'content-type': 'application/json' }
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', development: false, fetch: () => new Response(body, { headers }) })
    console.log('Listening on http://127.0.0.1:' + server.port + '/')`
  return start([process.execPath, '-e', source])
}

async function start(command: string[]): Promise<Running> {
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' })
  let output = ''
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk
    const origin = /Listening on (http:\/\/\S+)\//.exec(output)?.[1]
    if (!origin) continue
    return {
      origin,
      pid: child.pid,
      async stop() {
        child.kill()
        await child.exited
      },
    }
  }
  throw new Error(`${command[0]} ended: ${output}`)
}

async function residentMb(pid: number): Promise<number> {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function spread(values: number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.round)
  return `${Math.round(median(values))} (${low} to ${high})`
}

function print(table: string[][]): void {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}

try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}
