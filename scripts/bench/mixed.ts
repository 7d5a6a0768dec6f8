// What others notice of those who search, and what memory the server takes under all kinds of load at once: with many
// jobs.

import { Client } from '../../test/support/client'
import { p99 } from '../../test/support/long-imports'
import { Load } from '../soak/load'
import { quick, RUNS, SECONDS } from './options'
import { createAdministrator, type Running, residentMb } from './processes'
import { compare, rows } from './table'

/** Between two requests, in milliseconds. They come whether or not the one before is answered. */
const EVERY_MS = 5
const SEARCHERS = 2
const MIXED_SECONDS = quick ? 5 : 30

/**
 * How long those wait who ask for one job while others search for a word that every job has.
 *
 * @param word  that word.
 */
export async function measureBesideSearches(
  { origin }: Running,
  { word, jobs, pathOf }: { word: string; jobs: number; pathOf(turn: number): Promise<string> },
): Promise<void> {
  let turn = 0
  let isOver = false
  const ask = async (path: string) => {
    const reply = await fetch(origin + path)
    await reply.arrayBuffer()
    if (!reply.ok) throw new Error(`GET ${path}: ${reply.status}`)
  }
  const measure = async (): Promise<number> => {
    const waits: Promise<number>[] = []
    const end = performance.now() + SECONDS * 1000
    while (performance.now() < end) {
      const path = await pathOf(turn++)
      const start = performance.now()
      waits.push(ask(path).then(() => performance.now() - start))
      await Bun.sleep(EVERY_MS)
    }
    return p99(await Promise.all(waits))
  }
  // Another page each time: none is kept.
  const search = async (searcher: number) => {
    for (let page = 1; !isOver; page++) {
      await ask(`/jobs/?search=${word}&status=FAIL,PASS&page=${page}&page_size=${10 + searcher}`)
    }
  }
  const [beside, alone]: [number[], number[]] = [[], []]
  for (let run = 0; run < RUNS; run++) {
    alone.push(await measure())
    isOver = false
    const searching = Promise.all(Array.from({ length: SEARCHERS }, (_, searcher) => search(searcher)))
    beside.push(await measure())
    isOver = true
    await searching
  }
  const what = `p99 of GET a job, one every ${EVERY_MS} ms, while ${SEARCHERS} search for what all ${jobs} jobs have`
  compare(what, beside, alone, { unit: ' ms', against: 'without', target: 'at most 3', digits: 2 })
}

/** @param name  of the database, in the folder of this run. */
export async function measureMixedLoad(server: Running, name: string): Promise<void> {
  const headers = await createAdministrator(name)
  const load = new Load(new Client(server.origin, headers), headers)
  const perSecond = await load.run(MIXED_SECONDS, Number.POSITIVE_INFINITY)
  if (load.faults.length > 0) throw new Error(`mixed load: ${load.faults[0]}`)
  const most = residentMb(server.pid, true)
  const how = `${MIXED_SECONDS} s of the load of the soak, 16 senders and 20 readers of events`
  rows.push([`resident after ${how}`, `${residentMb(server.pid)} MB, ${most} at most`, '', '', 'at most 300'])
  rows.push(['turns of that load', `${Math.round(perSecond)}/s`, '', '', ''])
}
