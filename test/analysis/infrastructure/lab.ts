// Nights of a host on which many tests run, for tests of verdicts.

import { formatTime } from '../../../src/lib/time'
import { NOW, type TestServer } from '../../support/server'
import { DAY } from '../series/lab'

export interface Night {
  id: string
  host?: string | undefined
  /** How many days ago. */
  ago: number
  /** The letters of the tests `t0;a`, `t0;b`, `t1;a` ...: P passes, F fails, E is an error; a blank: it did not run. */
  results: string
  branch?: string
  environment?: number | undefined
  reason?: string
}

const statuses: Record<string, string> = { P: 'PASS', F: 'FAIL', E: 'ERROR' }

/** Two variants of each test. */
export const tagOf = (at: number) => `${at + 1}-t${at >> 1};${'ab'[at % 2]}`

export async function post(server: TestServer, night: Night): Promise<void> {
  const {
    id,
    host = 'rack1',
    ago,
    results,
    branch = 'main',
    environment,
    reason = 'no route to host',
  } = night
  const tests = [...results].flatMap((letter, at) => {
    const status = statuses[letter]
    if (!status) return []
    return [
      {
        tag: tagOf(at),
        status,
        started: formatTime(NOW - ago * DAY + at * 1_000_000),
        ...(letter !== 'P' && { fail_reason: reason }),
        ...(environment !== undefined && { environment }),
      },
    ]
  })
  const time = formatTime(NOW - ago * DAY)
  await server.makeJob({ id, time, status: 'PASS', labels: { host, branch }, tests })
}

/** @param nights  results of the nights before the last one, the oldest first; '-' is no job. @returns ids of the jobs */
export async function postNights(
  server: TestServer,
  nights: readonly (string | Partial<Night>)[],
  common: Partial<Night> = {},
): Promise<string[]> {
  const ids: string[] = []
  for (const [at, night] of nights.entries()) {
    const { results = '', ...rest } = typeof night === 'string' ? { results: night } : night
    if (results === '-') continue
    const id = `${rest.host ?? common.host ?? 'rack1'}-${at}`
    await post(server, { id, ago: nights.length - at, results, ...common, ...rest })
    ids.push(id)
  }
  return ids
}
