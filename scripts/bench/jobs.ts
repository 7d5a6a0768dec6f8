// Whole jobs that come in one by one.

import type { Running } from './processes'
import { rows } from './table'

const CONNECTIONS = 32
const JOBS = 10_000
const TESTS_PER_JOB = 20

/** Posts them as a client would. @returns their ids, in the order of their answers */
export async function postJobs(server: Running, headers: Record<string, string>): Promise<string[]> {
  const start = performance.now()
  const ids: string[] = []
  let next = 0
  const post = async () => {
    while (next < JOBS) {
      const job = next++
      const tests = Array.from({ length: TESTS_PER_JOB }, (_, test) => ({
        tag: `${String(test + 1).padStart(2, '0')}-test_${test % 7}.py:Test.test_${test};run-${job % 4}`,
        status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
      }))
      const reply = await fetch(`${server.origin}/jobs/`, {
        method: 'POST',
        body: JSON.stringify({ description: `job ${job}`, status: 'PASS', tests }),
        headers: { ...headers, 'content-type': 'application/json' },
      })
      if (reply.status !== 201) throw new Error(`POST /jobs/: ${reply.status} ${await reply.text()}`)
      ids.push(((await reply.json()) as { id: string }).id)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, post))
  const seconds = (performance.now() - start) / 1000
  rows.push([
    `POST /jobs/, ${TESTS_PER_JOB} tests each, ${JOBS} times`,
    `${Math.round(JOBS / seconds)} jobs/s`,
    `${Math.round((JOBS * TESTS_PER_JOB) / seconds)} tests/s`,
    '',
    '',
  ])
  return ids
}
