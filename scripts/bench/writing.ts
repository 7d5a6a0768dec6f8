// Tests that are posted one by one, each durable before it is answered, and what readers notice of it.

import { join } from 'node:path'
import { folder, RUNS, SECONDS } from './options'
import { type Running, startEcho } from './processes'
import { makeRaw, prepareInsert } from './raw'
import { load, warmUp } from './requests'
import { compare } from './table'

const WRITERS = 64
const READERS = 32
const PAGE = '/jobs/?ordering=-time'

/**
 * @param headers  Basic auth.
 * @param paths  a file of the addresses that tests are posted to, of all jobs.
 */
export async function comparePosts(
  server: Running,
  headers: Record<string, string>,
  paths: string,
): Promise<void> {
  const echo = await startEcho()
  const own: number[] = []
  const bare: number[] = []
  const load64 = (tags: string) => ({
    ...{ connections: WRITERS, script: 'post.lua' as const },
    ...{ args: [paths, tags], headers },
  })
  try {
    await warmUp(server.origin, load64('w'))
    for (let run = 0; run < RUNS; run++) {
      const how = load64(`w${run}`)
      bare.push((await load(echo.origin, how)).perSecond)
      own.push((await load(server.origin, how)).perSecond)
    }
  } finally {
    await echo.stop()
  }
  const against = 'bare Bun.serve that parses and echoes it'
  const what = `POST a test, ${WRITERS} connections, Basic auth`
  compare(what, own, bare, { unit: '/s', against, target: '0.35' })
}

/** One connection against bun:sqlite itself: one durable commit for each insert into the same table. */
export async function compareSinglePosts(
  server: Running,
  headers: Record<string, string>,
  paths: string,
): Promise<void> {
  const own: number[] = []
  const raw: number[] = []
  for (let run = 0; run < RUNS; run++) {
    raw.push(insertOneByOne(join(folder, `one-by-one-${run}.sqlite`)))
    const how = { connections: 1, script: 'post.lua' as const, args: [paths, `s${run}`], headers }
    own.push((await load(server.origin, how)).perSecond)
  }
  const against = 'raw bun:sqlite, one durable commit per insert'
  compare('POST a test, 1 connection', own, raw, { unit: '/s', against, target: '0.35' })
}

/** @returns inserts per second */
export function insertOneByOne(path: string): number {
  const sqlite = makeRaw(path)
  const insert = prepareInsert(sqlite)
  const start = performance.now()
  const end = start + SECONDS * 1000
  let count = 0
  for (; performance.now() < end; count++) insert(`${count}-`)
  const perSecond = (count * 1000) / (performance.now() - start)
  sqlite.close()
  return perSecond
}

/** What the slowest of a hundred answers takes while tests are posted as fast as can be: each is news to the page. */
export async function compareReaderLatency(
  server: Running,
  headers: Record<string, string>,
  paths: string,
): Promise<void> {
  const url = server.origin + PAGE
  const alone: number[] = []
  const beside: number[] = []
  for (let run = 0; run < RUNS; run++) {
    alone.push((await load(url, { connections: READERS })).p99)
    const how = { connections: WRITERS, script: 'post.lua' as const, args: [paths, `p${run}`], headers }
    const writing = load(server.origin, { ...how, seconds: SECONDS + 1 })
    await Bun.sleep(500)
    beside.push((await load(url, { connections: READERS })).p99)
    await writing
  }
  const what = `p99 of GET ${PAGE}, ${READERS} readers, while ${WRITERS} writers write`
  compare(what, beside, alone, { unit: ' ms', against: 'without writers', target: 'at most 3', digits: 2 })
}
