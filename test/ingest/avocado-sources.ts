// One job as the sources of Avocado tell it: made for a test, whatever it is about.

import { Database } from 'bun:sqlite'

export interface SourceTest {
  /** As results.json and the journal name it. */
  id: string
  name: string
  status: string | null
  /** Seconds from the start of the job to that of the test. */
  at: number
}

/** When the jobs of the tests start: 2026-11-24T11:00:00Z. */
export const STARTED_AT = Date.UTC(2026, 10, 24, 11) / 1000

const local = (seconds: number) => new Date((STARTED_AT + seconds) * 1000).toISOString().slice(0, 23)
const folderOf = (id: string) => `/results/job/test-results/${id.replace(/[<>:"/\\|?*;]/g, '_')}`

export function resultsJson(job: string, tests: SourceTest[], fields: object = {}): string {
  return JSON.stringify({
    job_id: job,
    debuglog: '/results/job-2026-11-24T11.00-aaaaaaa/job.log',
    start: local(0).replace('T', ' '),
    time: tests.length,
    total: tests.length,
    tests: tests.map(({ id, name, status, at }) => ({
      id,
      name,
      status,
      time_elapsed: 1,
      actual_time_start: STARTED_AT + at,
      actual_time_end: STARTED_AT + at + 1,
      fail_reason: '<unknown>',
      logdir: folderOf(id),
    })),
    ...fields,
  })
}

/** @param quoted  as Avocado 52 to 84 wrote the tags. */
export function journal(job: string, tests: SourceTest[], { quoted = false } = {}): Uint8Array {
  using database = new Database(':memory:')
  database.run('CREATE TABLE job_info (unique_id TEXT UNIQUE)')
  database.run(
    'CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN DEFAULT 0)',
  )
  database.run('INSERT INTO job_info VALUES (?)', [job])
  const insert = database.query('INSERT INTO test_journal (tag, time, action, status) VALUES (?, ?, ?, ?)')
  for (const { id, status, at } of tests) {
    const tag = quoted ? `'${id}'` : id
    insert.run(tag, local(at), 'STARTED', null)
    if (status !== null) insert.run(tag, local(at + 1), 'ENDED', status)
  }
  return new Uint8Array(database.serialize())
}

/** What the resultsdb plugin posts when the test has ended. */
export function pluginResult(job: string, { id, name, status }: SourceTest) {
  const outcome = { PASS: 'PASSED', FAIL: 'FAILED' }[status ?? ''] ?? 'INFO'
  const data = { status, logdir: folderOf(id), time_elapsed: '1.00 s' }
  return { outcome, testcase: name, groups: [job], note: null, ref_url: null, data, _auth_token: null }
}
