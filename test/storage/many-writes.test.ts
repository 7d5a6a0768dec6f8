// Changes that the writer makes together: each has the result that it would have alone.

import { expect, test } from 'bun:test'
import { defineWrite } from '../../src/storage/database'
import { type Connection, dynamicQuery, tables } from '../../src/storage/query'
import { withServer } from '../support/server'

const server = withServer()

test('tests that are posted at the same moment are answered each as if it were alone', async () => {
  const { number: one } = await server.makeJob({
    tests: [{ tag: '1-a', status: 'FAIL', fail_reason: 'why' }],
  })
  const { number: two } = await server.makeJob()
  const post = (job: number | string, body: object) => server.client.post(`/jobs/${job}/tests/`, body)
  const added = Array.from({ length: 100 }, (_, index) =>
    post(index % 2 === 0 ? one : two, {
      tag: `${index + 10}-x`,
      status: index % 5 === 0 ? 'FAIL' : 'PASS',
      started: '2026-11-24T10:00:00Z',
      elapsed_time: 1.5,
    }),
  )
  const others = [
    post(two, { tag: '2-b', status: 'SKIP' }),
    post(two, { tag: '2-b', status: 'SKIP' }), // the same again
    post(two, { tag: '2-b', status: 'PASS' }), // another one of this tag
    post(one, { tag: '1-a', status: 'FAIL', fail_reason: 'why' }),
    post(one, { tag: '1-a', status: 'PASS' }),
    post(one, { tag: '3-c', status: 'ERROR', fail_reason: 'new' }),
    post(one, { tag: '4-d', environment: 7 }),
    post(two, { tag: '5-e' }),
  ]
  const replies = await Promise.all([...added, ...others])
  expect(replies.slice(0, 100).every(({ status }) => status === 200)).toBe(true)
  expect(replies.slice(100).map(({ status }) => status)).toEqual([200, 200, 400, 200, 400, 200, 400, 200])
  const locations = replies
    .filter(({ status }) => status === 200)
    .map(({ headers }) => headers.get('location'))
  expect(new Set(locations).size).toBe(104) // two were sent twice
  for (const location of locations.slice(0, 3)) {
    const { body } = await server.client.get(new URL(String(location)).pathname)
    expect(body).toMatchObject({ started: '2026-11-24T10:00:00Z', elapsed_time: 1.5 })
  }
  const outcomesOf = async (job: number) =>
    (await server.client.get(`/jobs/${job}/?include=outcomes`)).body.outcomes
  expect([await outcomesOf(one), await outcomesOf(two)]).toEqual([
    { PASS: 40, ERROR: 1, FAIL: 11, TEST_NA: 0, WARN: 0, unfinished: 0 },
    { PASS: 40, ERROR: 0, FAIL: 10, TEST_NA: 1, WARN: 0, unfinished: 1 },
  ])
})

const addLabel = dynamicQuery<{ job: number; key: string }>('addLabel')((param) =>
  tables.insertInto('job_label').values({ job: param('job'), key: param('key'), value: 'v' }),
)

interface Note {
  job: number
  key: string
}
const runs: string[] = []
const note = async (connection: Connection, { job, key }: Note) => {
  if (key === 'bad') throw new Error('refused')
  runs.push(key)
  await connection.run(addLabel, { job, key })
  connection.markChanged('job', job)
  return key
}
const noteOne = defineWrite('noteOne', note, {
  async many(connection, notes: readonly Note[]) {
    runs.push(`${notes.length} together`)
    const results: (string | undefined)[] = []
    for (const one of notes)
      results.push(one.key === 'left' ? undefined : await note(connection, one).catch(() => undefined))
    return results
  },
})
const noteAndFail = defineWrite('noteAndFail', note, {
  async many(connection, notes: readonly Note[]) {
    for (const one of notes) await note(connection, one)
    throw new Error('none')
  },
})
const failFirst = defineWrite('failFirst', note, {
  async many(): Promise<string[]> {
    throw new Error('none')
  },
})

const FEW = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

async function writeAll(keys: string[], write = noteOne) {
  const job = await server.makeJob()
  runs.length = 0
  const commits: unknown[] = []
  const stop = server.database.subscribe(
    ({ changes }) => commits.push(changes),
    () => {},
  )
  const outcomes = await Promise.allSettled(
    keys.map((key) => server.database.write(write, { job: job.number, key })),
  )
  stop()
  const { body } = await server.client.get(`/jobs/${job.id}/`)
  const results = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message,
  )
  return { results, stored: Object.keys(body.labels ?? {}), commits, job: job.number }
}

test('what is not made together runs alone, and a failure concerns nobody else', async () => {
  const { results, stored, commits, job } = await writeAll(['a', 'left', 'bad', 'b', 'c', 'd', 'e', 'f'])
  expect(results).toEqual(['a', 'left', 'refused', 'b', 'c', 'd', 'e', 'f'])
  expect(stored).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'left'])
  expect(runs).toEqual(['8 together', 'a', 'b', 'c', 'd', 'e', 'f', 'left'])
  expect(commits).toEqual([[{ kind: 'job', id: job }]])
})

test('changes that cannot be made together are made alone', async () => {
  for (const write of [failFirst, noteAndFail]) {
    const { results, stored, commits, job } = await writeAll([...FEW, 'bad'], write)
    expect(results).toEqual([...FEW, 'refused'])
    expect(stored).toEqual(FEW)
    expect(commits).toEqual([[{ kind: 'job', id: job }]])
  }
})

test('a few changes are made one after another', async () => {
  expect((await writeAll(FEW)).results).toEqual(FEW)
  expect(runs).toEqual(FEW)
})
