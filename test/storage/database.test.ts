// What subscribers hear of commits.

import { expect, test } from 'bun:test'
import { type Commit, defineWrite } from '../../src/storage/database'
import { withServer } from '../support/server'

const server = withServer()

const change = defineWrite('change', async (connection, { jobs }: { jobs: number[] }) => {
  for (const job of jobs) connection.markChanged('job', job)
})
const changeAndFail = defineWrite('changeAndFail', async (connection, { jobs }: { jobs: number[] }) => {
  await change.run(connection, { jobs })
  throw new Error('refused')
})

const ofJobs = (...ids: number[]) => ids.map((id) => ({ kind: 'job' as const, id }))

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
  const before = server.database.change
  const outcomes = await Promise.allSettled([
    server.database.write(change, { jobs: [1, 2] }),
    server.database.write(changeAndFail, { jobs: [3] }),
    server.database.write(change, { jobs: [2, 4] }),
  ])
  await server.database.write(change, { jobs: [] })
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  // One commit, but on a machine so busy that the first change has taken too long for others to join it.
  const [last, ...others] = commits.toReversed()
  const told = others.toReversed().flatMap(({ changes }) => (changes === 'unknown' ? [] : changes))
  expect(told.filter((one, at) => told.findIndex(({ id }) => id === one.id) === at)).toEqual(ofJobs(1, 2, 4))
  if (others.length === 1) expect(told).toEqual(ofJobs(1, 2, 4))
  expect(last?.changes).toEqual([])
  expect(commits.map(({ change }) => change - before)).toEqual(commits.map((_, at) => at + 1))
  expect(server.database.change).toBe(before + commits.length)
})

test('where nothing succeeded there is nothing to tell', async () => {
  const { commits } = listen()
  await expect(server.database.write(changeAndFail, { jobs: [1] })).rejects.toThrow('refused')
  await server.database.write(change, { jobs: [2] })
  expect(commits.map(({ changes }) => changes)).toEqual([ofJobs(2)])
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
  await server.database.write(change, { jobs: [1] })
  expect(commits.map(({ changes }) => changes)).toEqual([ofJobs(1)])
  expect(failures).toEqual([new Error('deaf')])
})

test('who has unsubscribed hears no more', async () => {
  const { commits, end } = listen()
  end()
  await server.database.write(change, { jobs: [1] })
  expect(commits).toEqual([])
})
