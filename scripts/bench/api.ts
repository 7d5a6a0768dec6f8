// The API: its start, jobs that come in one by one, and the page of them that dashboards ask for.

import { join } from 'node:path'
import { CONNECTIONS, folder, RUNS } from './options'
import { type Running, residentMb, startPeer, startServer } from './processes'
import { requestsPerSecond } from './requests'
import { median, rows, spread } from './table'

const JOBS = 10_000
const TESTS_PER_JOB = 20

/** How long a start takes until the first answer, and what an idle server occupies. */
export async function measureStart(): Promise<Running> {
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
export async function fill(server: Running): Promise<void> {
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
export async function comparePage(server: Running): Promise<void> {
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
