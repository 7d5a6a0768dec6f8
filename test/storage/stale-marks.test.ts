// Which testcases a write marks: those whose runs it adds, changes, moves or removes. The marks of a commit are stored
// with it.

import { expect, test } from 'bun:test'
import type { Connection } from '../../src/storage/query'
import { sqliteOf } from '../../src/storage/sqlite/sqlite-connection'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

const server = withServer()

/** The names of the marked testcases, sorted, and the jobs that are marked as a whole. The marks are removed. */
async function marks(): Promise<string[]> {
  const { database } = server
  return database.write(takeMarks, {})
}

const takeMarks = {
  name: 'takeMarks',
  async run(connection: Connection): Promise<string[]> {
    const { database } = sqliteOf(connection)
    const all = (text: string) => {
      using statement = database.prepare(text)
      return statement.values().map(([value]) => String(value))
    }
    const found = [
      ...all('SELECT text FROM stale_testcase JOIN testcase ON testcase.id = testcase ORDER BY 1'),
      ...all("SELECT 'job ' || id FROM stale_job JOIN job ON number = job ORDER BY 1"),
    ]
    database.run('DELETE FROM stale_testcase')
    database.run('DELETE FROM stale_job')
    return found
  },
}

test('every write of a run marks its testcase', async () => {
  const { client } = server
  const job = await server.makeJob({ id: 'a', tests: [{ tag: '1-x', status: 'PASS' }, { tag: '2-y' }] })
  expect(await marks()).toEqual(['job a'])
  const [x, y] = job.tests.map(({ id }) => `/jobs/a/tests/${id}/`)
  const send = async (method: string, path = '', body?: object) => {
    const { status } = await client.send(method, path, body)
    expect(status).toBeLessThan(300)
    return marks()
  }
  expect(await send('POST', '/jobs/a/tests/', { tag: '3-z', status: 'FAIL' })).toEqual(['z'])
  // Sent again it changes nothing.
  expect(await send('POST', '/jobs/a/tests/', { tag: '3-z', status: 'FAIL' })).toEqual([])
  expect(await send('PATCH', x, { status: 'FAIL' })).toEqual(['x'])
  expect(await send('PATCH', x, { tag: '1-w' })).toEqual(['w', 'x'])
  const ended = { activity: 'ENDED', time: '2026-11-24T11:00:00Z', status: 'PASS' }
  expect(await send('POST', `${y}activities/`, ended)).toEqual(['y'])
  expect(await send('DELETE', y)).toEqual(['y'])
  // w and z have no start of their own.
  expect(await send('PATCH', '/jobs/a/', { time: '2026-11-24T10:00:00Z' })).toEqual(['w', 'z', 'job a'])
  expect(await send('PATCH', '/jobs/a/', { description: 'another' })).toEqual([])
  expect(await send('DELETE', '/jobs/a/')).toEqual(['w', 'z'])
})

test('imports mark what they add and what they complete', async () => {
  const { client } = server
  const lines = (...values: object[]) => ({
    body: values.map((value) => JSON.stringify(value)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  const job = { id: 'b', tests: [{ tag: '1-x', status: null }] }
  expect((await client.request('POST', '/imports/', lines(job))).status).toBeLessThan(300)
  expect(await marks()).toEqual(['job b'])
  const more = {
    id: 'b',
    tests: [
      { tag: '1-x', status: 'PASS' },
      { tag: '2-y', status: 'PASS' },
    ],
  }
  expect((await client.request('POST', '/imports/', lines(more))).status).toBeLessThan(300)
  expect(await marks()).toEqual(['x', 'y'])
})

test('a change that fails leaves no mark', async () => {
  const { client } = server
  await server.makeJob({ id: 'c', tests: [{ tag: '1-x', status: 'PASS' }] })
  await marks()
  const { status } = await client.post('/jobs/c/tests/', { tag: '1-x', status: 'FAIL', fail_reason: 'new' })
  expect(status).toBe(400)
  expect(await marks()).toEqual([])
})

test('a later commit renews a mark', async () => {
  const { client, database } = server
  await server.makeJob({ id: 'd' })
  const change = () =>
    database.read(
      ownQuery(async ({ database }) => {
        using statement = database.prepare('SELECT change FROM stale_testcase')
        return Number(statement.values()[0]?.[0])
      }),
    )
  await client.post('/jobs/d/tests/', { tag: '1-x', status: 'PASS' })
  const first = await change()
  expect(first).toBe(database.change)
  await client.post('/jobs/d/tests/', { tag: '2-x', status: 'PASS' })
  expect(await change()).toBe(database.change)
  expect(await change()).toBeGreaterThan(first)
})
