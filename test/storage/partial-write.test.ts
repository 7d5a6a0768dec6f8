// Changes that fail when they have changed something already, among others of the same moment.

import { expect, test } from 'bun:test'
import { addTest } from '../../src/results/tests/adding'
import { type Commit, defineWrite } from '../../src/storage/database'
import { NOW, withServer } from '../support/server'

const server = withServer()

interface Addition {
  job: number
  tag: string
}
const runs: string[] = []
const addNoted = defineWrite('addNoted', (connection, { job, tag }: Addition) => {
  runs.push(tag)
  return addTest.run(connection, { job, value: { tag }, now: NOW })
})
const addAndFail = defineWrite('addAndFail', async (connection, { job, tag }: Addition) => {
  await addNoted.run(connection, { job, tag })
  throw new Error('refused')
})

test('of a change that fails halfway nothing stays, of the others everything', async () => {
  const { number: failing } = await server.makeJob()
  const { number: job } = await server.makeJob()
  const commits: Commit[] = []
  server.database.subscribe(
    (commit) => commits.push(commit),
    () => {},
  )
  runs.length = 0
  const outcomes = await Promise.allSettled([
    server.database.write(addNoted, { job, tag: '1-a.py:A.test' }),
    server.database.write(addAndFail, { job: failing, tag: '2-b.py:B.test' }),
    server.database.write(addNoted, { job, tag: '3-c.py:C.test' }),
    server.database.write(addAndFail, { job: failing, tag: '4-d.py:D.test' }),
    // Its name was given a number that was taken back.
    server.database.write(addNoted, { job, tag: '5-b.py:B.test' }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  const { body } = await server.client.get(`/jobs/${job}/tests/`)
  expect(body.results.map(({ tag }: Addition) => tag)).toEqual([
    '1-a.py:A.test',
    '3-c.py:C.test',
    '5-b.py:B.test',
  ])
  expect((await server.client.get(`/jobs/${job}/testcount/`)).body).toEqual({ testcount: 3 })
  expect((await server.client.get(`/jobs/${failing}/testcount/`)).body).toEqual({ testcount: 0 })
  expect(commits.map(({ changes }) => changes)).toEqual([[{ kind: 'job', id: job }]])
  // The first two were made, undone with their transaction, and all were made with savepoints.
  expect(runs.map((tag) => tag[0]).join('')).toBe('1212345')
})

test('a change that fails before it has changed anything costs the others nothing', async () => {
  const { number: job } = await server.makeJob({ tests: [{ tag: '1-a.py:A.test', status: 'PASS' }] })
  runs.length = 0
  const outcomes = await Promise.allSettled([
    server.database.write(addNoted, { job, tag: '2-b.py:B.test' }),
    server.database.write(addNoted, { job: job + 1, tag: '3-c.py:C.test' }),
    server.database.write(addNoted, { job, tag: '4-d.py:D.test' }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(runs).toEqual(['2-b.py:B.test', '3-c.py:C.test', '4-d.py:D.test'])
})
