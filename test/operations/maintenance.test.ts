// What a server does by itself: when tasks run, what is said of one that fails, and how they end.

import { afterEach, expect, test } from 'bun:test'
import { Writable } from 'node:stream'
import pino from 'pino'
import type { MaintenanceTask } from '../../src/http/feature'
import { Maintenance } from '../../src/operations/maintenance'
import type { Services } from '../../src/server/services'
import { eventually } from '../support/events'
import { withServer } from '../support/server'

const server = withServer()
const settings = { database: '', auditDays: 1, backupTo: undefined, backupEvery: 0, backupKeep: 0 }
const nothing: MaintenanceTask<Services> = { name: 'nothing', failure: 'nothing failed', run: async () => {} }

let maintenance: Maintenance<Services> | undefined
let logged: { msg: string; task: string; err: { message: string } }[] = []

function start(...tasks: Partial<MaintenanceTask<Services>>[]) {
  logged = []
  const lines = new Writable({
    write(line, _, done) {
      logged.push(JSON.parse(String(line)))
      done()
    },
  })
  const services = { ...server.services, log: pino(lines) }
  const feature = { name: 'feature', tasks: tasks.map((task) => ({ ...nothing, ...task })) }
  maintenance = new Maintenance(services, settings, [feature])
  return maintenance
}

afterEach(() => maintenance?.stop())

test('a task runs at the start, again and again, or both', async () => {
  const runs = { start: 0, often: 0, both: 0 }
  start(
    { atStart: true, run: async () => void runs.start++ },
    { everyMs: 5, run: async () => void runs.often++ },
    { atStart: true, everyMs: 3_600_000, run: async () => void runs.both++ },
  )
  expect(runs).toEqual({ start: 1, often: 0, both: 1 })
  await eventually(() => runs.often > 3)
  expect(runs).toEqual({ start: 1, often: expect.any(Number), both: 1 })
})

test('a task that still runs is not begun a second time', async () => {
  const first = Promise.withResolvers<void>()
  let [runs, others] = [0, 0]
  start(
    { atStart: true, everyMs: 1, run: () => (runs++ === 0 ? first.promise : Promise.resolve()) },
    { everyMs: 1, run: async () => void others++ },
  )
  await eventually(() => others > 5)
  expect(runs).toBe(1)
  first.resolve()
  await eventually(() => runs > 1)
})

test('a task is given the services and the settings', async () => {
  const given = Promise.withResolvers<unknown[]>()
  start({ atStart: true, run: async ({ database }, { auditDays }) => given.resolve([database, auditDays]) })
  expect(await given.promise).toEqual([server.database, 1])
})

test('a failure is told to the log in a sentence, and the task runs again', async () => {
  let runs = 0
  const run = async () => {
    if (runs++ === 0) throw new Error('the disk is full')
  }
  start({ name: 'tidy', everyMs: 1, failure: 'it was not tidied', run })
  await eventually(() => runs > 2)
  expect(logged.map(({ msg, task, err }) => [msg, task, err.message])).toEqual([
    ['it was not tidied', 'tidy', 'the disk is full'],
  ])
})

test('a stop tells tasks to end, and waits for one that must end', async () => {
  let ended = false
  const running = start({
    atStart: true,
    mustEnd: true,
    async run(_, __, stop) {
      await new Promise((resolve) => stop.addEventListener('abort', resolve))
      await Bun.sleep(1200)
      ended = true
    },
  })
  await running.stop()
  expect(ended).toBe(true)
})

test('a stop does not wait for one that may be cut off, and starts none', async () => {
  let runs = 0
  const never = new Promise<void>(() => {})
  const running = start({ atStart: true, run: () => never }, { everyMs: 1, run: async () => void runs++ })
  await running.stop()
  const before = runs
  await Bun.sleep(20)
  expect(runs).toBe(before)
})

test('what fails because the database was closed is no failure', async () => {
  const closed = Promise.withResolvers<void>()
  const run = async () => {
    await closed.promise
    throw new Error('the database is closed')
  }
  const running = start({ atStart: true, mustEnd: true, run })
  await server.database.close()
  closed.resolve()
  await running.stop()
  expect(logged).toEqual([])
})
