// Changes that fail when they have changed something already, among others of the same moment.

import { expect, test } from 'bun:test'
import { addUser } from '../../src/auth/queries'
import { type Commit, defineWrite } from '../../src/storage/database'
import { interned } from '../../src/storage/interned'
import { query, tables } from '../../src/storage/query'
import { withServer } from '../support/server'

const server = withServer()

const user = (username: string) => ({
  username,
  email: '',
  role: 'administrator' as const,
  hash: null,
  now: 5,
})
const runs: string[] = []
const addNoted = defineWrite('addNoted', (connection, { username }: { username: string }) => {
  runs.push(username)
  return addUser.run(connection, user(username))
})
const testcaseId = interned('testcase')
const addAndFail = defineWrite('addAndFail', (connection, { username }: { username: string }) => {
  addUser.run(connection, user(username))
  testcaseId(connection, 'a.py:A.test')
  connection.touch(7)
  throw new Error('refused')
})
const intern = defineWrite('intern', (connection, { text }: { text: string }) => testcaseId(connection, text))

const usernames = query()(() => tables.selectFrom('user').select('username').orderBy('id'))
const testcases = query()(() => tables.selectFrom('testcase').select(['id', 'text']))

test('of a change that fails halfway nothing stays, of the others everything', async () => {
  const commits: Commit[] = []
  server.database.subscribe(
    (commit) => commits.push(commit),
    () => {},
  )
  const before = server.database.read((connection) => connection.all(usernames, {}))
  runs.length = 0
  const outcomes = await Promise.allSettled([
    server.database.write(addNoted, { username: 'before' }),
    server.database.write(addAndFail, { username: 'halfway' }),
    server.database.write(addNoted, { username: 'after' }),
    server.database.write(addAndFail, { username: 'another' }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(server.database.read((connection) => connection.all(usernames, {}))).toEqual([
    ...before,
    { username: 'before' },
    { username: 'after' },
  ])
  expect(commits.map(({ jobs }) => jobs)).toEqual([[]])
  // Made once, undone with the transaction, and made again.
  expect(runs).toEqual(['before', 'before', 'after'])
})

test('a number that was given to a text halfway is not remembered', async () => {
  await Promise.allSettled([
    server.database.write(addAndFail, { username: 'halfway' }),
    server.database.write(intern, { text: 'b.py:B.test' }),
  ])
  const id = await server.database.write(intern, { text: 'a.py:A.test' })
  expect(server.database.read((connection) => connection.all(testcases, {}))).toEqual([
    { id: 1, text: 'b.py:B.test' },
    { id, text: 'a.py:A.test' },
  ])
})
