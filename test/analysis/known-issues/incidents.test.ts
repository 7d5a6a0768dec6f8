// The incidents of known issues over a socket: which failures they are, and how a known issue ends and comes back.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()

const DAY = 86_400_000_000
const R = 'Guest vm1 did not boot within 240 seconds'
const reasons: Record<string, string> = { T: R, U: 'Connection reset by peer' }

interface Night {
  id: string
  letter: string
  day: number
}

/** T failed for the reason of the known issue, U for another one, P passed. One a night, up to now. */
function nights(letters: string, prefix = 'n'): Night[] {
  return [...letters].map((letter, at) => ({ id: `${prefix}${at + 1}`, letter, day: at - letters.length }))
}

async function run({ id, letter, day }: Night, { name = 'boot', host = 'rack7' } = {}) {
  await server.makeJob({
    id,
    time: formatTime(NOW + day * DAY),
    labels: { host },
    tests: [
      {
        tag: `1-${name}`,
        status: letter === 'P' ? 'PASS' : 'FAIL',
        ...(letter !== 'P' && { fail_reason: reasons[letter] }),
      },
    ],
  })
}

async function addRule(rule: object = { template: R }): Promise<string> {
  const { status, body } = await server.client.post('/known-issues/', { report_subject: 'no boot', ...rule })
  expect(status).toBe(201)
  return `/known-issues/${body.id}/`
}

const incidentsOf = async (path: string) =>
  (await server.client.get(`${path}incidents/?page_size=100`)).body.results
    .map(({ job, present, regressed }: { job: string; present: boolean; regressed: boolean }) => ({
      job,
      present,
      ...(regressed && { regressed }),
    }))
    .reverse()
const there = (...jobs: string[]) => jobs.map((job) => ({ job, present: true }))

test('T, T, U, T, five passes, T: incidents on runs 1, 2, 4 and the last, which is regressed', async () => {
  for (const night of nights('TTUTPPPPPT')) await run(night)
  const path = await addRule()
  await settle(server)
  expect(await incidentsOf(path)).toEqual([
    ...there('n1', 'n2', 'n4'),
    { job: 'n10', present: true, regressed: true },
  ])
  expect((await server.client.get(path)).body).toMatchObject({
    state: 'regressed',
    incidents: 4,
    tests: 1,
    first: formatTime(NOW - 10 * DAY),
    last: formatTime(NOW - DAY),
    resolved: null,
    regressed: formatTime(NOW - DAY),
  })
})

test('five passes make it resolved?, and a failure after them regressed', async () => {
  const path = await addRule()
  const state = async () => {
    await settle(server)
    return (await server.client.get(path)).body.state
  }
  const states: string[] = []
  for (const night of nights('TPPPPPTPPPPP')) {
    await run(night)
    states.push(await state())
  }
  expect(states).toEqual([...Array(5).fill('open'), 'resolved?', ...Array(5).fill('regressed'), 'resolved?'])
})

test('30 days without it make it resolved?, without any commit', async () => {
  await run({ id: 'n1', letter: 'T', day: -29 })
  const path = await addRule()
  await settle(server)
  expect((await server.client.get(path)).body.state).toBe('open')
  server.now = NOW + 2 * DAY
  expect((await server.client.get(path)).body).toMatchObject({
    state: 'resolved?',
    resolved: formatTime(NOW + DAY),
  })
  expect((await server.client.get('/known-issues/?state=resolved')).body.count).toBe(1)
  expect((await server.client.get('/known-issues/?state=open,regressed')).body.count).toBe(0)
})

test('the same runs and rules give the same, in whatever order they arrive', async () => {
  const lab = [
    ...nights('TTUTPPPPPT', 'a').map((night) => ({ night, name: 'boot', host: 'rack7' })),
    ...nights('PPTPPPPPPP', 'b').map((night) => ({ night, name: 'boot', host: 'rack8' })),
    ...nights('PTPPPPPPUT', 'c').map((night) => ({ night, name: 'migrate;ide', host: 'rack7' })),
  ]
  const rules = [{ template: R }, { pattern: 'within \\d+ sec', host: 'rack7' }, { pattern: 'reset by' }]
  const told = new Set<string>()
  for (const [turn, order] of [lab, lab.toReversed(), shuffled(lab, 7), shuffled(lab, 11)].entries()) {
    const paths = turn < 2 ? await addRules(rules) : []
    for (const [at, { night, ...place }] of order.entries()) {
      await run(night, place)
      if (turn % 2 === 1 && at % 5 === 0) await settle(server)
    }
    if (turn >= 2) paths.push(...(await addRules(rules)))
    await settle(server)
    const found = []
    for (const path of paths) {
      const { id: _, template_id: __, ...issue } = (await server.client.get(path)).body
      found.push({ issue, incidents: await incidentsOf(path) })
      await server.client.delete(path)
    }
    told.add(JSON.stringify(found))
    for (const { night } of lab) await server.client.delete(`/jobs/${night.id}/`)
    await settle(server)
  }
  expect(told.size).toBe(1)
}, 60_000)

async function addRules(rules: readonly object[]): Promise<string[]> {
  const paths: string[] = []
  for (const rule of rules) paths.push(await addRule(rule))
  return paths
}

/** The same for the same seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed
  const left = [...list]
  return list.map(() => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return left.splice(state % left.length, 1)[0] as T
  })
}

test('a job that is deleted, or a label that is corrected, takes its incidents along', async () => {
  for (const night of nights('TTT')) await run(night)
  const path = await addRule({ template: R, host: 'rack7' })
  await settle(server)
  expect(await incidentsOf(path)).toEqual(there('n1', 'n2', 'n3'))
  await server.client.delete('/jobs/n2/')
  await server.client.patch('/jobs/n3/', { labels: { host: 'rack8' } })
  await settle(server)
  expect(await incidentsOf(path)).toEqual(there('n1'))
  expect((await server.client.get(path)).body).toMatchObject({ incidents: 1, tests: 1 })
})

test('a rule that is changed finds its incidents anew', async () => {
  for (const night of nights('TUT')) await run(night)
  const path = await addRule({ pattern: 'did not boot' })
  await settle(server)
  expect(await incidentsOf(path)).toEqual(there('n1', 'n3'))
  for (const [change, found] of [
    [{ pattern: 'Connection reset' }, there('n2')],
    [{ pattern: null, template: R }, there('n1', 'n3')],
    [{ host: 'rack8' }, []],
    [{ host: '', expires: formatTime(NOW - 2 * DAY) }, there('n1')],
  ] as const) {
    expect((await server.client.patch(path, change)).status).toBe(200)
    expect((await server.client.get(path)).body.incomplete).toBe(true)
    await settle(server)
    expect(await incidentsOf(path)).toEqual([...found])
    expect((await server.client.get(path)).body.incomplete).toBeUndefined()
  }
  expect((await server.client.get(path)).body.state).toBe('expired')
})
