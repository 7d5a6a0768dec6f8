// What grows with the database, and what does not: 10,000 jobs beside 500,000, each of 20 tests.

import { Database as Sqlite } from 'bun:sqlite'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { compareBackup } from './backup'
import { filled, TESTS_PER_JOB } from './fill'
import { measureBesideSearches, measureMixedLoad } from './mixed'
import { folder, quick } from './options'
import { type Running, residentMb, startServer } from './processes'
import { load } from './requests'
import { compare, rows } from './table'

const TIMES = quick ? 10 : 100
const JOBS_PER_PAGE = 25
const PAGE = `/jobs/?ordering=-time&page_size=${JOBS_PER_PAGE}`
const JSON_HEADERS = { 'content-type': 'application/json' }

type Size = keyof typeof filled

export async function compareSizes(): Promise<void> {
  if (!Object.values(filled).every(({ path }) => existsSync(path))) {
    console.log('The rows at 10 million tests need databases that are made once: bun run bench --fill\n')
    return
  }
  measureBytes()
  const servers: Record<Size, Running> = { small: await open('small'), large: await open('large') }
  try {
    for (const [what, ask, target] of questions) {
      const times: Record<Size, number[]> = { small: [], large: [] }
      for (let turn = 0; turn < TIMES; turn++) {
        for (const size of ['small', 'large'] as const) times[size].push(await ask(servers[size], size, turn))
      }
      const against = `at ${filled.small.jobs} jobs`
      const how = { unit: ' ms', against, target: `at most ${target}`, digits: 2 }
      compare(`p50 of ${what}, ${filled.large.jobs} jobs`, times.large, times.small, how)
    }
    await load(`${servers.large.origin}${PAGE}`, { connections: 32 })
    const memory = `${residentMb(servers.large.pid)} MB`
    const tests = (filled.large.jobs * TESTS_PER_JOB) / 1e6
    rows.push([`resident after that, ${tests} million tests`, memory, '', '', 'at most 300'])
    await measureBesideSearches(servers.large, {
      word: 'nightly',
      jobs: filled.large.jobs,
      pathOf: async (turn) => `/jobs/${await jobOf(servers.large, turn)}/`,
    })
    await measureMixedLoad(servers.large, 'large.sqlite')
    await compareBackup(servers.large, 'large.sqlite', `${tests} million tests`)
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

/** Works on a copy, so that what is measured once does not change what is measured next. */
async function open(size: Size): Promise<Running> {
  const path = join(folder, `${size}.sqlite`)
  copyFileSync(filled[size].path, path)
  return startServer(path, ['--open'])
}

type Question = [
  what: string,
  ask: (server: Running, size: Size, turn: number) => Promise<number>,
  target: number,
]

const pagesOf = (size: Size) => Math.ceil(filled[size].jobs / JOBS_PER_PAGE)

const questions: Question[] = [
  ['first page', (server) => askAnew(server, PAGE), 1.5],
  ['middle page', (server, size) => askAnew(server, `${PAGE}&page=${Math.round(pagesOf(size) / 2)}`), 15],
  ['last page', (server, size) => askAnew(server, `${PAGE}&page=${pagesOf(size)}`), 1.5],
  ['job detail', async (server, _, turn) => time(`${server.origin}/jobs/${await jobOf(server, turn)}/`), 1.5],
  ['POST a test', async (server, _, turn) => postTest(server, await jobOf(server, turn), turn), 1.5],
]

/** Adds a job first, with which every list of jobs is another: the answer is made from rows, not kept. */
async function askAnew(server: Running, path: string): Promise<number> {
  const body = JSON.stringify({ description: 'another' })
  const reply = await fetch(`${server.origin}/jobs/`, { method: 'POST', body, headers: JSON_HEADERS })
  await reply.arrayBuffer()
  return time(server.origin + path)
}

async function postTest(server: Running, job: string, turn: number): Promise<number> {
  const body = JSON.stringify({ tag: `new-${turn}`, status: 'PASS' })
  return time(`${server.origin}/jobs/${job}/tests/`, { method: 'POST', body, headers: JSON_HEADERS })
}

/** @returns milliseconds */
async function time(url: string, init?: RequestInit): Promise<number> {
  const start = performance.now()
  const reply = await fetch(url, init)
  await reply.arrayBuffer()
  if (!reply.ok) throw new Error(`${url}: ${reply.status}`)
  return performance.now() - start
}

/** Another job each time, all over the database. */
async function jobOf({ origin }: Running, turn: number): Promise<string> {
  const known = ids.get(origin) ?? (await findJobs(origin))
  ids.set(origin, known)
  return known[turn % known.length] ?? ''
}

const ids = new Map<string, string[]>()

async function findJobs(origin: string): Promise<string[]> {
  const pages = Math.floor(((await getPage(origin, 1)).count - 1) / JOBS_PER_PAGE)
  const found: string[] = []
  for (let turn = 0; turn < TIMES; turn++) {
    const { results } = await getPage(origin, 1 + Math.floor((turn * pages) / TIMES))
    found.push(results[turn % JOBS_PER_PAGE]?.id ?? '')
  }
  return found
}

async function getPage(origin: string, page: number) {
  const reply = await fetch(`${origin}/jobs/?page=${page}&page_size=${JOBS_PER_PAGE}`)
  return (await reply.json()) as { count: number; results: { id: string }[] }
}

/** Of the tables and all their indexes. */
function measureBytes(): void {
  const sqlite = new Sqlite(filled.large.path, { readonly: true })
  for (const [what, table, target] of [
    ['a test', 'test', 'under 90'],
    ['an activity', 'test_activity', 'under 60'],
  ] as const) {
    const [[bytes = 0] = []] = sqlite
      .prepare(
        `SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1
         AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)`,
      )
      .values(table) as [number][]
    const [[count = 0] = []] = sqlite.prepare(`SELECT count(*) FROM ${table}`).values() as [number][]
    rows.push([`bytes of ${what} with its indexes`, (bytes / count).toFixed(1), `${count} rows`, '', target])
  }
  sqlite.close()
}
