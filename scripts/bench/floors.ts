// How much of what the server takes any server in its place would: the least that does the same work on this stack,
// beside the peers that the other rows have.

import { join } from 'node:path'
import { insertRaw, linesOf } from './imports'
import { folder, RUNS } from './options'
import { startEcho, startFloor, startPeer } from './processes'
import { makeRaw } from './raw'
import { pathsFile } from './reading'
import { load } from './requests'
import { compare } from './table'
import { insertOneByOne } from './writing'

const JOBS = 10_000
/** Of the answer that shows one job of 20 tests. */
const BYTES = 2570

export async function measureFloors(): Promise<void> {
  await keptFloor()
  await insertingFloor()
  linesFloor()
}

async function keptFloor(): Promise<void> {
  const bytes = new Uint8Array(BYTES).fill(32)
  const answer = join(folder, 'floor.json')
  await Bun.write(answer, bytes)
  const paths = await pathsFile(
    'floor.txt',
    Array.from({ length: JOBS }, (_, job) => `/jobs/${job}/`),
  )
  const peer = await startPeer(bytes)
  const floor = await startFloor('kept.ts', [paths, answer])
  const how = { connections: 32, script: 'get.lua' as const, args: [paths] }
  const [least, bare]: [number[], number[]] = [[], []]
  try {
    for (let run = 0; run < RUNS; run++) {
      bare.push((await load(peer.origin, how)).perSecond)
      least.push((await load(floor.origin, how)).perSecond)
    }
  } finally {
    await Promise.all([peer.stop(), floor.stop()])
  }
  compare('floor of GET one job', least, bare, { unit: '/s', against: 'bare Bun.serve, the same bytes' })
}

async function insertingFloor(): Promise<void> {
  const path = join(folder, 'floor.sqlite')
  makeRaw(path, { jobs: JOBS }).close()
  const tests = await pathsFile(
    'floor-tests.txt',
    Array.from({ length: JOBS }, (_, job) => `/jobs/${job + 1}/tests/`),
  )
  const echo = await startEcho()
  const floor = await startFloor('inserting.ts', [path])
  const figures = { many: [] as number[], echo: [] as number[], one: [] as number[], raw: [] as number[] }
  try {
    for (let run = 0; run < RUNS; run++) {
      const how = (connections: number) => ({
        connections,
        script: 'post.lua' as const,
        args: [tests, `f${run}-${connections}`],
        headers: { authorization: `Basic ${btoa('admin:bench-password')}` },
      })
      figures.echo.push((await load(echo.origin, how(64))).perSecond)
      figures.many.push((await load(floor.origin, how(64))).perSecond)
      figures.raw.push(insertOneByOne(join(folder, `floor-${run}.sqlite`)))
      figures.one.push((await load(floor.origin, how(1))).perSecond)
    }
  } finally {
    await Promise.all([echo.stop(), floor.stop()])
  }
  const { many, one, raw } = figures
  const against = 'bare Bun.serve that parses and echoes it'
  compare('floor of POST a test, 64 connections', many, figures.echo, { unit: '/s', against })
  compare('floor of POST a test, 1 connection', one, raw, { unit: '/s', against: 'raw bun:sqlite' })
}

/** Nothing but JSON.parse before what the peer does. */
function linesFloor(): void {
  const [least, raw]: [number[], number[]] = [[], []]
  for (let run = 0; run < RUNS; run++) {
    const { jobs, tests } = linesOf(`floor-${run}`)
    const text = jobs.map((job) => JSON.stringify(job))
    const perSecond = insertRaw(jobs, join(folder, `floor-lines-${run}.sqlite`))
    const start = performance.now()
    for (const line of text) JSON.parse(line)
    const parsing = (performance.now() - start) / 1000
    raw.push(perSecond)
    least.push(tests / (tests / perSecond + parsing))
  }
  const against = 'raw bun:sqlite, one transaction'
  compare('floor of NDJSON: parsed, then the same', least, raw, { unit: ' tests/s', against })
}
