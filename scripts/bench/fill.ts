// Databases as labs have them after some time, made by the server's own import: NDJSON, several files at a time.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { filledFolder } from './options'
import { residentMb, startServer } from './processes'

/** The same server, once with little in it and once with 500 times as much. */
export const filled = {
  small: { jobs: 10_000, path: join(filledFolder, 'small.sqlite') },
  large: { jobs: 500_000, path: join(filledFolder, 'large.sqlite') },
} as const

export const TESTS_PER_JOB = 20
/** The tests of every so many-th job have activities: they would be most of the database. */
const JOBS_WITH_ACTIVITIES = 20
const JOBS_PER_FILE = 5000
const FILES_AT_A_TIME = 4
const MINUTE = 60_000
/** The newest job's: the same in every run, so that databases can be compared. */
const END = Date.UTC(2026, 10, 1)

/** What a client would post: a job a minute, of seven suites on four machines, one test of eleven fails. */
function lineOf(job: number, jobs: number): string {
  // Jobs arrive late: every fifth one after those of the next hour.
  const start = END - (jobs - job) * MINUTE - (job % 5 === 0 ? 60 * MINUTE : 0)
  const at = (milliseconds: number) => new Date(start + milliseconds).toISOString()
  const tests = Array.from({ length: TESTS_PER_JOB }, (_, test) => {
    const elapsed = ((job * 7 + test * 13) % 9000) + 1
    const started = at(test * 1000)
    return {
      tag: `${String(test + 1).padStart(2, '0')}-suite_${job % 7}.py:Test.test_${test};run-${job % 4}`,
      status: (job + test) % 11 === 0 ? 'FAIL' : 'PASS',
      started,
      elapsed_time: elapsed / 1000 + 1e-7 * test,
      ...(job % JOBS_WITH_ACTIVITIES === 0 && {
        activities: [
          { activity: 'STARTED', time: started },
          { activity: 'ENDED', time: at(test * 1000 + elapsed) },
        ],
      }),
    }
  })
  return JSON.stringify({
    id: new Bun.CryptoHasher('sha1').update(`${jobs}/${job}`).digest('hex'),
    description: `Nightly ${job % 300} of suite ${job % 7}`,
    time: at(0),
    elapsed_time: 20 + (job % 1000) / 10,
    status: statusOf(job),
    tests,
  })
}

/** One job of ten fails; the words that few jobs have are there, too. */
function statusOf(job: number): string | null {
  if (job % 5000 === 4999) return 'ABORT'
  if (job % 10 === 3) return 'FAIL'
  return job % 97 === 5 ? null : 'PASS'
}

/** Makes those that are not there yet; what was made before is kept. */
export async function fillAll(): Promise<void> {
  mkdirSync(filledFolder, { recursive: true })
  for (const { jobs, path } of Object.values(filled)) {
    if (existsSync(path)) {
      console.log(`${path} is there: remove it to have it made again.`)
      continue
    }
    // Under its name only when it is whole.
    const part = `${path}.part`
    for (const suffix of ['', '-wal', '-shm']) rmSync(part + suffix, { force: true })
    const server = await startServer(part, ['--open'])
    const seconds = await importJobs(server.origin, jobs)
    const perSecond = Math.round((jobs * TESTS_PER_JOB) / seconds)
    const peak = residentMb(server.pid, true)
    await server.stop()
    renameSync(part, path)
    console.log(
      `${path}: ${jobs} jobs of ${TESTS_PER_JOB} tests in ${seconds.toFixed(0)} s, ${perSecond} tests/s, ${peak} MB at most`,
    )
  }
}

/** @returns the seconds it took */
async function importJobs(origin: string, jobs: number): Promise<number> {
  const start = performance.now()
  let next = 0
  const send = async () => {
    while (next < jobs) {
      const first = next
      const end = Math.min(jobs, first + JOBS_PER_FILE)
      next = end
      const lines = Array.from({ length: end - first }, (_, index) => lineOf(first + index, jobs))
      const reply = await fetch(`${origin}/imports/?format=ndjson`, {
        method: 'POST',
        body: lines.join('\n'),
      })
      const text = await reply.text()
      if (reply.status !== 201) throw new Error(`POST /imports/: ${reply.status} ${text.slice(0, 500)}`)
    }
  }
  await Promise.all(Array.from({ length: FILES_AT_A_TIME }, send))
  return (performance.now() - start) / 1000
}
