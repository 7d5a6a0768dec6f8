// avocado-journal-replay, the client of 2015 to 2019, with journals that Avocado wrote: what is stored must be what
// Avocado's own results.json says.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../support/client'
import { withServer } from '../support/server'

const samples = join(import.meta.dir, '../fixtures/jobs')
const server = withServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

interface JournalRow {
  tag: string
  time: string
  action: string
  status: string | null
}

interface Results {
  job_id: string
  tests: { id: string; status: string }[]
  total: number
  pass: number
  errors: number
  failures: number
  interrupt: number
}

function readSample(sample: string) {
  const [job = ''] = readdirSync(join(samples, sample))
  const folder = join(samples, sample, job)
  const copies = mkdtempSync(join(tmpdir(), 'avocado-journal-'))
  copyFileSync(join(folder, '.journal.sqlite'), join(copies, 'journal.sqlite'))
  const journal = new Database(join(copies, 'journal.sqlite'), { readonly: true })
  const id = journal.query<{ unique_id: string }, []>('SELECT unique_id FROM job_info').get()?.unique_id ?? ''
  const rows = journal.query<JournalRow, []>('SELECT * FROM test_journal ORDER BY rowid').all()
  journal.close()
  rmSync(copies, { recursive: true })
  const results: Results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  return { id, rows, results }
}

const postJob = (client: Client, id: string) =>
  client.post('/jobs/', new URLSearchParams({ name: 'Sleep and fail', uniqueident: id }))

async function postJournal(client: Client, id: string, rows: JournalRow[]) {
  for (const { action, time, tag, status } of rows) {
    const form = { activity: action, job: id, time, test_tag: tag, ...(status !== null && { status }) }
    const reply = await client.post(`/jobs/${id}/test_activity/`, new URLSearchParams(form))
    expect(reply).toEqual(answer(200, { status: 'test activity added' }))
  }
}

/** All that the server tells of a job. */
async function readJob(id: string) {
  const get = async (path: string) => (await server.stranger.get(`/jobs/${id}/${path}`)).body
  const tests: { id: number; tag: string }[] = (await get('tests/?page_size=1000')).results
  const activities = await Promise.all(
    tests.map(async ({ id, tag }) => [tag, (await get(`tests/${id}/activities/`)).results]),
  )
  return {
    job: await get(''),
    tests,
    activities: Object.fromEntries(activities),
    passrate: await get('passrate/'),
    testcount: await get('testcount/'),
    summary: await get('tests/summary/'),
  }
}

const storedAs: Record<string, string> = { SKIP: 'TEST_NA', CANCEL: 'TEST_NA', INTERRUPTED: 'ERROR' }
const statusesOf = (word: string) =>
  word in storedAs ? { status: storedAs[word], reported_status: word } : { status: word }
const byTag = (one: { tag: string }, other: { tag: string }) => (one.tag < other.tag ? -1 : 1)

/** As the server writes it: Avocado's times are local, the server's zone here is UTC. */
const inUtc = (time: string) => `${time}Z`

test.each(['all-statuses', 'big-360'])(
  'avocado-journal-replay of %s, once and again, stores what results.json says',
  async (sample) => {
    const { id, rows, results } = readSample(sample)
    await server.setPassword('123')
    const client = server.stranger.as('admin', '123')

    const added = await postJob(client, id)
    const job = {
      id,
      number: 1,
      description: 'Sleep and fail',
      time: '2026-11-24T12:00:00Z',
      elapsed_time: 0,
      status: null,
      activities: [],
    }
    expect(added).toEqual(answer(201, { ...job, tests: [] }))
    await postJournal(client, added.body.id, rows)

    const stored = await readJob(id)
    const { total, pass, errors, failures, interrupt } = results
    const failed = errors + failures + interrupt
    const tests = results.tests.map((test) => ({
      id: expect.any(Number),
      job: results.job_id,
      tag: test.id,
      ...statusesOf(test.status),
    }))
    expect(stored.tests.toSorted(byTag)).toEqual(tests.toSorted(byTag))
    expect(stored).toEqual({
      job: { ...job, status: 'ERROR', tests: stored.tests },
      tests: stored.tests,
      activities: Object.fromEntries(
        stored.tests.map(({ id, tag }) => [
          tag,
          rows
            .filter((row) => row.tag === tag)
            .map(({ action, time, status }) => ({
              test: id,
              activity: action,
              time: inUtc(time),
              status: status === null ? null : statusesOf(status).status,
            })),
        ]),
      ),
      passrate: { passrate: Number(((100 * pass) / total).toFixed(2)) },
      testcount: { testcount: total },
      summary: { passed: pass, failed, other: total - pass - failed },
    })

    expect(await postJob(client, id)).toEqual(answer(400, { id: ['This field must be unique.'] }))
    await postJournal(client, id, rows)
    expect(await readJob(id)).toEqual(stored)
    expect((await server.stranger.get('/jobs/')).body.count).toBe(1)
  },
)
