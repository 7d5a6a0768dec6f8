// The same jobs give the same answers, in whatever order and by whatever way they came, and whatever was there meanwhile.

import { expect, test } from 'bun:test'
import { Dice } from '../support/labs/dice'
import { loadEnvironments } from '../support/labs/load'
import { makeLab } from '../support/labs/make'
import type { Lab, LabJob } from '../support/labs/model'
import { NOW, type TestServer, withServer } from '../support/server'
import { settle } from '../support/settled'

const server = withServer()
const SMALL = { end: NOW / 1000, jobs: 45, days: 30, hosts: 3, packages: 15, tests: 4, nights: 1 }

/** Names of fields whose values depend on the order of arrival. */
const ORDERED = new Set(['id', 'test', 'job_number', 'environment', 'changed_at', 'template_id'])

/** Without what depends on the order of arrival, and with lists of equal rank in an order of their own. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutIds)
    return items.every((item) => typeof item === 'object')
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items
  }
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !ORDERED.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutIds(inner)]))
}

async function answersOf({ client, origin }: TestServer, lab: Lab): Promise<unknown> {
  const testcases = new Set(
    lab.jobs.flatMap(({ tests }) => tests.map(({ tag }) => tag.slice(tag.indexOf('-') + 1))),
  )
  const paths = [
    '/regressions/?page_size=1000',
    ...[...testcases].sort().map((testcase) => `/tests/history/?testcase=${encodeURIComponent(testcase)}`),
  ]
  const answers: Record<string, unknown> = {}
  for (const path of paths) {
    const { status, body } = await client.get(path)
    expect([path, status, body.incomplete]).toEqual([path, 200, undefined])
    answers[path] = withoutIds(JSON.parse(JSON.stringify(body).replaceAll(origin, '')))
  }
  return answers
}

type Way = (server: TestServer, jobs: readonly object[], dice: Dice) => Promise<void>

const ways: Record<string, Way> = {
  async 'one by one'({ client }, jobs) {
    for (const job of jobs) expect((await client.post('/jobs/', job)).status).toBe(201)
  },
  async 'in parallel'({ client }, jobs) {
    const replies = await Promise.all(jobs.map((job) => client.post('/jobs/', job)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
  },
  async 'by imports'({ client }, jobs) {
    for (let at = 0; at < jobs.length; at += 10) {
      const body = jobs
        .slice(at, at + 10)
        .map((job) => `${JSON.stringify(job)}\n`)
        .join('')
      const reply = await client.request('POST', '/imports/?format=ndjson', { body })
      expect([reply.status, reply.body.refused ?? []]).toEqual([201, []])
    }
  },
  async 'with deletions and corrections between'(server, jobs, dice) {
    const { client } = server
    for (const job of jobs as { id: string; labels: object; tests: { tag: string; status: string }[] }[]) {
      const path = `/jobs/${job.id}/`
      if (dice.chance(0.3)) {
        // It comes with other tests, is analysed, and is deleted.
        const other = job.tests.map((test) => ({ ...test, status: dice.pick(['PASS', 'FAIL']) }))
        expect((await client.post('/jobs/', { ...job, tests: other })).status).toBe(201)
        await settle(server)
        expect((await client.delete(path)).status).toBe(204)
      }
      const isWrong = dice.chance(0.3)
      const first = isWrong ? { ...job, labels: { host: 'elsewhere', branch: 'other' } } : job
      expect((await client.post('/jobs/', first)).status).toBe(201)
      if (!isWrong) continue
      if (dice.chance(0.5)) await settle(server)
      expect((await client.put(`${path}`, withoutTests(job))).status).toBe(200)
    }
  },
}

function withoutTests({ tests: _, ...job }: Record<string, unknown> & { tests: unknown }): object {
  return job
}

async function load(
  lab: Lab,
  jobs: readonly LabJob[],
  { way, dice }: { way: Way; dice: Dice },
): Promise<void> {
  const ids = await loadEnvironments(server.client, lab.environments)
  await way(
    server,
    jobs.map(({ environment, ...job }) => ({ ...job, environment: ids[environment ?? -1] })),
    dice,
  )
  await settle(server)
}

async function clear(lab: Lab): Promise<void> {
  for (const { id } of lab.jobs) expect((await server.client.delete(`/jobs/${id}/`)).status).toBe(204)
  await settle(server)
}

for (const [name, way] of Object.entries(ways)) {
  test(`the answers do not depend on the order: ${name}`, async () => {
    const lab = makeLab({ ...SMALL, seed: 3, culprit: 'kernel' })
    const dice = new Dice(name)
    await load(lab, lab.jobs, { way: ways['one by one'] as Way, dice })
    const expected = await answersOf(server, lab)
    expect(JSON.stringify(expected)).toContain('"state":"open"')
    for (let round = 0; round < 3; round++) {
      await clear(lab)
      await load(lab, shuffled(lab.jobs, dice), { way, dice })
      expect(await answersOf(server, lab)).toEqual(expected)
    }
  }, 120_000)
}

function shuffled(jobs: readonly LabJob[], dice: Dice): LabJob[] {
  return jobs
    .map((job) => ({ job, at: dice.share() }))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => ({ ...job, tests: job.tests.toSorted(() => dice.share() - 0.5) }))
}
