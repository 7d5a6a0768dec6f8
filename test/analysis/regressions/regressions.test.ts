// GET /regressions/: which tests fail for which reason since when, on which hosts.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY, environmentOf, nightly } from '../series/lab'

const server = withServer()

const ask = async (query = '') => {
  const { status, body } = await server.client.get(`/regressions/?${query}`)
  expect(status).toBe(200)
  return body
}
const brief = async (query = '') =>
  (await ask(query)).results.map(({ testcase, state, first_bad, template }: never) => ({
    testcase,
    state,
    first_bad: (first_bad as { job: string }).job,
    template,
  }))

test('the whole of a regression', async () => {
  await nightly(server, 'a', 'PPFPPPPPPPFFFFF', { tag: '1-io;disk-ide' })
  await nightly(server, 'b', 'PPPPPPPPPPPPFFF', { tag: '1-io;disk-ide' })
  expect((await ask()).incomplete).toBe(true)
  await settle(server)
  const body = await ask()
  const [first] = body.results
  const job = (id: string) => ({ job: id, job_number: expect.any(Number), time: expect.any(String) })
  expect(body).toEqual({
    ...{ count: 1, next: null, previous: null },
    results: [
      {
        id: first.id,
        ...{ testcase: 'io;disk-ide', suite: '', name: 'io', variant: 'disk-ide' },
        template: 'broken',
        template_id: expect.any(Number),
        state: 'open',
        probability: first.probability,
        first_bad: { ...job('a-10'), time: formatTime(NOW - 5 * DAY), low: 'a-9', high: 'a-11', tests: 1 },
        last_good: job('a-9'),
        fixed_in: null,
        last_bad: job(first.last_bad.job),
        hosts: [
          {
            host: 'a',
            distro: null,
            state: 'open',
            first_bad: job('a-10'),
            last_good: job('a-9'),
            fixed_in: null,
          },
          {
            host: 'b',
            distro: null,
            state: 'open',
            first_bad: job('b-12'),
            last_good: job('b-11'),
            fixed_in: null,
          },
        ],
        tests: 1,
        changed_at: formatTime(NOW),
      },
    ],
  })
  expect(first.probability).toBeGreaterThan(0.99)
  expect((await server.client.get(`/regressions/${first.id}/`)).body).toEqual(first)
  expect((await server.client.get('/regressions/99/')).status).toBe(404)
})

test('each state', async () => {
  await nightly(server, 'open', 'PPPPPPPPFFF', { tag: '1-open' })
  await nightly(server, 'fixing', 'PPPPPFFPFFP', { tag: '1-fixing' })
  await nightly(server, 'fixed', 'PPPPPFFFFFPPPPP', { tag: '1-fixed' })
  await nightly(server, 'never', 'FFFF', { tag: '1-never' })
  await nightly(server, 'flaky', 'PFPFPFPFPFPFPFP', { tag: '1-flaky' })
  await settle(server)
  const states = Object.fromEntries((await brief()).map(({ testcase, state }: never) => [testcase, state]))
  expect(states).toEqual({ open: 'open', fixing: 'fixing', fixed: 'fixed', never: 'never_passed' })
  expect(await brief('state=fixed')).toEqual([
    { testcase: 'fixed', state: 'fixed', first_bad: 'fixed-5', template: 'broken' },
  ])
  expect((await brief('state=open,fixing')).length).toBe(2)
  expect((await brief('host=never')).map(({ testcase }: never) => testcase)).toEqual(['never'])
  expect((await brief('testcase=open')).length).toBe(1)
  expect((await brief('branch=main')).length).toBe(4)
  expect((await brief('branch=other')).length).toBe(0)
  const [{ template_id }] = (await ask('testcase=open')).results
  expect((await brief(`template=${template_id}`)).length).toBe(4)
  expect(
    (await brief(`since=${formatTime(NOW - 1.5 * DAY)}`)).map(({ testcase }: never) => testcase).sort(),
  ).toEqual(['never', 'open'])
  expect((await server.client.get('/regressions/?state=shut')).status).toBe(400)
})

test('the filters of lists of jobs choose by the jobs that tell of a regression', async () => {
  const old = await environmentOf(server, '43', ['qemu-kvm=9.1'])
  const fresh = await environmentOf(server, '43', ['qemu-kvm=9.2'])
  const environments = Array.from('PPPPPPPPPPFFF', (letter) => (letter === 'P' ? old : fresh))
  await nightly(server, 'rack7', 'PPPPPPPPPPFFF', { tag: '1-a', environments })
  await nightly(server, 'rack8', 'PPPPPPPPPPFFF', { tag: '1-b', branch: 'stable', reason: 'other' })
  await nightly(server, 'rack9', 'PPPPPPPPPPFFF', { tag: '1-c', reason: 'third' })
  await settle(server)
  const found = async (query: string) =>
    (await brief(query)).map(({ testcase }: never) => String(testcase)).sort()
  for (const [query, tests] of [
    ['host=rack7,rack8', 'ab'],
    ['host=!rack7', 'bc'],
    ['host=rack9', 'c'],
    ['branch=main', 'ac'],
    ['label=branch:stable&label=host:rack8', 'b'],
    ['label=branch:stable&label=host:rack7', ''],
    ['component=qemu-kvm>=9.2', 'a'],
    ['component=qemu-kvm<9.2', ''],
    ['component=!qemu-kvm>=9.2', 'bc'],
    [`environment=${fresh}&state=open`, 'a'],
    ['label=distro:fedora-43', 'a'],
    ['label=plan', ''],
  ] as const) {
    expect([query, ...(await found(query))]).toEqual([query, ...tests])
  }
})

test('an id lasts while runs come, and through being fixed; a fix and a new failure are another regression', async () => {
  const post = async (id: string, status: string, day: number) => {
    const time = formatTime(NOW - 60 * DAY + day * DAY)
    await server.makeJob({
      id,
      time,
      labels: { host: 'a' },
      tests: [{ tag: '1-x', status, ...(status === 'FAIL' && { fail_reason: 'broken' }) }],
    })
    await settle(server)
    return (await ask()).results.map(({ id, state }: never) => `${id} ${state}`)
  }
  let day = 0
  const series = async (results: string) => {
    let last: string[] = []
    for (const letter of results) last = await post(`n${day}`, letter === 'P' ? 'PASS' : 'FAIL', day++)
    return last
  }
  const [first] = await series('PPPPPPPPPPFFF')
  const id = first?.split(' ')[0]
  expect(first).toBe(`${id} open`)
  expect(await series('F')).toEqual([`${id} open`])
  expect(await series('PP')).toEqual([`${id} fixed`])
  const again = await series('PPPPPPPPPPFFF')
  expect(again.length).toBe(2)
  expect(again).toContain(`${id} fixed`)
  expect(again[0]).toEndWith(' open')
})

test('a regression that a correction shows to be none is withdrawn, and comes back with its id', async () => {
  const ids = await nightly(server, 'a', 'PPPPPPPPPPFFF')
  await settle(server)
  const [{ id }] = (await ask()).results
  const set = async (status: string) => {
    for (const job of ids.slice(10)) {
      expect((await server.client.patch(`/jobs/${job}/tests/1-x/`, { status })).status).toBe(200)
    }
    await settle(server)
  }
  await set('PASS')
  expect(await brief()).toEqual([])
  expect((await ask('state=withdrawn')).results.map(({ id }: never) => id)).toEqual([id])
  await set('FAIL')
  expect((await ask()).results.map(({ id }: never) => id)).toEqual([id])
})

test('reasons are told apart, and a test that fails for many is one regression', async () => {
  for (let night = 0; night < 12; night++) {
    const status = night < 8 ? 'PASS' : 'FAIL'
    const reasons = ['guest is gone', 'no space left', 'segfault', 'kernel panic']
    const test = { tag: '1-x', status, ...(status === 'FAIL' && { fail_reason: reasons[night - 8] }) }
    await server.makeJob({
      id: `n${night}`,
      time: formatTime(NOW - (20 - night) * DAY),
      labels: { host: 'a' },
      tests: [test],
    })
  }
  await settle(server)
  expect(await brief()).toEqual([{ testcase: 'x', state: 'open', first_bad: 'n8', template: null }])
})
