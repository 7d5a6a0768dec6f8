// What subscribers hear of commits.

import { expect, test } from 'bun:test'
import { type Commit, defineWrite } from '../../src/storage/database'
import { withServer } from '../support/server'

const server = withServer()

const touch = defineWrite('touch', (connection, { jobs }: { jobs: number[] }) => {
  for (const job of jobs) connection.touch(job)
})
const touchAndFail = defineWrite('touchAndFail', (connection, { jobs }: { jobs: number[] }) => {
  touch.run(connection, { jobs })
  throw new Error('refused')
})

function listen() {
  const commits: Commit[] = []
  const end = server.database.subscribe(
    (commit) => commits.push(commit),
    () => {},
  )
  return { commits, end }
}

test('a commit tells its number, and the jobs of the changes that succeeded, each once', async () => {
  const { commits } = listen()
  const { change } = server.database
  const outcomes = await Promise.allSettled([
    server.database.write(touch, { jobs: [1, 2] }),
    server.database.write(touchAndFail, { jobs: [3] }),
    server.database.write(touch, { jobs: [2, 4] }),
  ])
  await server.database.write(touch, { jobs: [] })
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(commits).toEqual([
    { change: change + 1, jobs: [1, 2, 4] },
    { change: change + 2, jobs: [] },
  ])
  expect(server.database.change).toBe(change + 2)
})

test('where nothing succeeded there is nothing to tell', async () => {
  const { commits } = listen()
  await expect(server.database.write(touchAndFail, { jobs: [1] })).rejects.toThrow('refused')
  await server.database.write(touch, { jobs: [2] })
  expect(commits.map(({ jobs }) => jobs)).toEqual([[2]])
})

test('a listener that throws hurts neither the commit nor other listeners', async () => {
  const failures: unknown[] = []
  server.database.subscribe(
    () => {
      throw new Error('deaf')
    },
    (error) => failures.push(error),
  )
  const { commits } = listen()
  await server.database.write(touch, { jobs: [1] })
  expect(commits.map(({ jobs }) => jobs)).toEqual([[1]])
  expect(failures).toEqual([new Error('deaf')])
})

test('who has unsubscribed hears no more', async () => {
  const { commits, end } = listen()
  end()
  await server.database.write(touch, { jobs: [1] })
  expect(commits).toEqual([])
})
