// The same jobs give the same answers, in whatever order and by whatever way they came, and whatever was there meanwhile:
// ten orders, each on a server of its own, and in each order every way.

import { expect, test } from 'bun:test'
import { Dice } from '../support/labs/dice'
import { loadEnvironments } from '../support/labs/load'
import { makeLab } from '../support/labs/make'
import type { Lab, LabEnvironment, LabJob, LabTest } from '../support/labs/model'
import { withTwists } from '../support/labs/twists'
import { NOW, type TestServer, withServer } from '../support/server'
import { settle } from '../support/settled'
import { answersOf } from './answers'

const server = withServer()
const ORDERS = 10
const SMALL = { end: NOW / 1000, jobs: 28, days: 30, hosts: 3, packages: 15, tests: 3, nights: 1 }
const lab = withTwists(makeLab({ ...SMALL, seed: 3, culprit: 'kernel' }), new Dice('twists'))

/** A job as it is sent, with the id of the environment of each test. */
type Sent = Omit<LabJob, 'environment' | 'tests'> & { tests: (LabTest & { environment?: number })[] }
type Way = (server: TestServer, jobs: readonly Sent[], dice: Dice) => Promise<void>

const pathOf = ({ id }: Sent) => `/jobs/${id}/`

async function post({ client }: TestServer, job: object): Promise<void> {
  const { status, body } = await client.post('/jobs/', job)
  expect({ status, body }).toMatchObject({ status: 201 })
}

async function put({ client }: TestServer, { tests: _, ...job }: Sent): Promise<void> {
  const { status, body } = await client.put(pathOf(job as Sent), job)
  expect({ status, body }).toMatchObject({ status: 200 })
}

const ways: Record<string, Way> = {
  async 'one by one'(server, jobs) {
    for (const job of jobs) await post(server, job)
  },
  async 'in parallel'(server, jobs) {
    await Promise.all(jobs.map((job) => post(server, job)))
  },
  async 'by imports'({ client }, jobs) {
    for (let at = 0; at < jobs.length; at += 10) {
      const lines = jobs.slice(at, at + 10).map((job) => `${JSON.stringify(job)}\n`)
      const reply = await client.request('POST', '/imports/?format=ndjson', { body: lines.join('') })
      expect([reply.status, reply.body.refused ?? []]).toEqual([201, []])
    }
  },
  async 'test by test'(server, jobs, dice) {
    for (const { tests, ...job } of jobs) {
      await post(server, job)
      for (const test of tests) {
        const { status } = await server.client.post(`${pathOf(job as Sent)}tests/`, test)
        expect([200, 201]).toContain(status)
      }
      if (dice.chance(0.1)) await settle(server)
    }
  },
  async 'with environments that come late'(server, jobs, dice) {
    for (const job of jobs) {
      await post(server, { ...job, tests: job.tests.map(({ environment: _, ...test }) => test) })
      if (dice.chance(0.1)) await settle(server)
    }
    for (const job of jobs) {
      for (const { tag, environment } of job.tests) {
        if (environment === undefined) continue
        const path = `${pathOf(job)}tests/${encodeURIComponent(tag)}/`
        expect((await server.client.patch(path, { environment })).status).toBe(200)
      }
      if (dice.chance(0.1)) await settle(server)
    }
  },
  async 'with deletions and corrections between'(server, jobs, dice) {
    for (const job of jobs) {
      if (dice.chance(0.2)) {
        // It comes with other tests, is analysed, and is deleted.
        const other = job.tests.map((test) => ({ ...test, status: dice.pick(['PASS', 'FAIL']) }))
        await post(server, { ...job, tests: other })
        await settle(server)
        expect((await server.client.delete(pathOf(job))).status).toBe(204)
      }
      const isWrong = dice.chance(0.3)
      const wrong = { labels: { host: 'elsewhere', branch: 'other' }, time: '2026-11-20T00:00:00Z' }
      await post(server, isWrong ? { ...job, ...wrong } : job)
      if (!isWrong) continue
      if (dice.chance(0.5)) await settle(server)
      await put(server, job)
    }
  },
}

async function load(environments: readonly number[], jobs: readonly LabJob[], way: Way, dice: Dice) {
  const sent = jobs.map(({ environment, ...job }): Sent => {
    const id = environments[environment ?? -1]
    const named = id === undefined ? {} : { environment: id }
    return { ...job, tests: job.tests.map((test) => ({ ...test, ...named })) }
  })
  await way(server, sent, dice)
  await settle(server)
}

async function clear({ jobs }: Lab): Promise<void> {
  for (const { id } of jobs) expect((await server.client.delete(`/jobs/${id}/`)).status).toBe(204)
  await settle(server)
}

/** @returns the ids of the environments, in the order of the lab. */
async function postEnvironments(all: readonly LabEnvironment[], dice: Dice): Promise<number[]> {
  const order = shuffled([...all.keys()], dice)
  const posted = await loadEnvironments(
    server.client,
    order.map((index) => all[index] as LabEnvironment),
  )
  return all.map((_, index) => posted[order.indexOf(index)] as number)
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const drawn = items.map((item) => ({ item, at: dice.share() }))
  return drawn.sort((a, b) => a.at - b.at).map(({ item }) => item)
}

let expected: Record<string, unknown> | undefined

for (let order = 1; order <= ORDERS; order++) {
  test(`the answers do not depend on the order: ${order} of ${ORDERS}`, async () => {
    const dice = new Dice(`order ${order}`)
    const environments = await postEnvironments(lab.environments, dice)
    for (const [name, way] of shuffled(Object.entries(ways), dice)) {
      const jobs = shuffled(lab.jobs, dice).map((job) => ({ ...job, tests: shuffled(job.tests, dice) }))
      await load(environments, jobs, way, dice)
      const answers = await answersOf(server, lab)
      expected ??= answers
      for (const [path, answer] of Object.entries(answers)) {
        expect({ name, path, answer }).toEqual({ name, path, answer: expected[path] })
      }
      expect(Object.keys(answers)).toEqual(Object.keys(expected))
      await clear(lab)
    }
  }, 120_000)
}

test('the lab has what an order could change', () => {
  const text = JSON.stringify(expected)
  for (const found of ['"state":"open"', '"state":"fixed"', '"class":"regression"', '"flake":true']) {
    expect([found, text.includes(found)]).toEqual([found, true])
  }
})
