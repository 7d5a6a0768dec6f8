// How fast the background derives what new runs tell.

import { quick } from '../options'
import type { Running } from '../processes'
import { rows } from '../table'
import type { Filled } from './databases'
import { importLines } from './fill'
import { Lab } from './lab'
import { settle } from './settle'

const JOBS = quick ? 50 : 300

/** Imports the next jobs of the lab. @param path  of the server's database */
export async function measureNews(
  server: Running,
  path: string,
  { tests, seed, until }: Filled,
): Promise<void> {
  const lab = new Lab({ tests, seed, until })
  const ids = Array.from({ length: lab.environments.count }, (_, index) => index + 1)
  const made = Array.from({ length: JOBS }, (_, index) => lab.lineOf(lab.jobs + index, ids))
  const runs = made.reduce((sum, one) => sum + one.tests, 0)
  const start = performance.now()
  await importLines(
    server.origin,
    made.map(({ line }) => line),
  )
  const imported = (performance.now() - start) / 1000
  await settle(server, path)
  const seconds = (performance.now() - start) / 1000
  rows.push([
    `until ${runs} new runs are derived`,
    `${seconds.toFixed(1)} s`,
    `${Math.round(runs / seconds)} runs/s; the import alone ${imported.toFixed(1)} s`,
    '',
    '',
  ])
}
