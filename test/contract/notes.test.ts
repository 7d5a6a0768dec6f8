// /comments/ and /claims/, row by row; and how the link of a comment is carried over.

import { expect, test } from 'bun:test'
import type { Role } from '../../src/lib/roles'
import { formatTime } from '../../src/lib/time'
import { EventStream } from '../support/events'
import { NOW, withServer } from '../support/server'
import { settle } from '../support/settled'

const server = withServer()
const DAY = 86_400_000_000
const now = formatTime(NOW)

/** P passed, T and U failed for two reasons; a run a night up to now. @returns the ids of the tests */
async function runNights(letters: string, prefix = 'n'): Promise<number[]> {
  const tests: number[] = []
  for (const [at, letter] of [...letters].entries()) {
    const job = await server.makeJob({
      id: `${prefix}${at + 1}`,
      time: formatTime(NOW + (at - letters.length) * DAY),
      labels: { host: 'rack7' },
      tests: [
        {
          tag: '1-boot',
          status: letter === 'P' ? 'PASS' : 'FAIL',
          ...(letter === 'T' && { fail_reason: 'no boot within 240 s' }),
          ...(letter === 'U' && { fail_reason: 'reset by peer' }),
        },
      ],
    })
    tests.push(job.tests[0].id)
  }
  return tests
}

async function somebody(role: Role, username: string) {
  const { body } = await server.client.post('/users/', { username, role })
  const { token } = (await server.client.post(`/users/${body.id}/tokens/`, {})).body
  return server.stranger.with({ authorization: `Bearer ${token}` })
}

test('a comment on a failure, whole, and its list', async () => {
  const [id] = await runNights('U')
  const text = 'See https://bugs.example/7, and (http://wiki.example/x).'
  const { status, body, headers } = await server.client.post('/comments/', {
    job: 'n1',
    test: '1-boot',
    text,
  })
  const whole = {
    ...{ id: 1, kind: 'failure', job: 'n1', test: id, regression: null, cluster: null },
    ...{ user: { id: 1, username: 'admin' }, time: now, changed: null, text },
    links: ['https://bugs.example/7', 'http://wiki.example/x'],
    known_issue: 1,
  }
  expect([status, body, headers.get('location')]).toEqual([201, whole, `${server.origin}/comments/1/`])
  for (const path of ['/comments/', `/comments/?job=n1&test=${id}`]) {
    expect((await server.stranger.get(path)).body).toEqual({
      count: 1,
      next: null,
      previous: null,
      results: [whole],
    })
  }
  expect((await server.client.get('/comments/?job=n1&test=nope')).status).toBe(404)
})

test('the link of a comment is carried over to later failures of this test with this reason', async () => {
  await runNights('TTUPPPPPT')
  await server.client.post('/comments/', { job: 'n2', test: '1-boot', text: 'Known: https://bugs.example/7' })
  await settle(server)
  const { body } = await server.client.get('/known-issues/1/')
  expect(body).toMatchObject({
    ...{
      origin: 'comment',
      report_url: 'https://bugs.example/7',
      report_subject: 'Known: https://bugs.example/7',
    },
    ...{ state: 'regressed', incidents: 2, tests: 1 },
  })
  const incidents = (await server.client.get('/known-issues/1/incidents/')).body.results
  expect(
    incidents.map(({ job, regressed }: { job: string; regressed: boolean }) => [job, regressed]),
  ).toEqual([
    ['n9', true],
    ['n2', false],
  ])
  const verdict = (await server.client.get('/jobs/n9/tests/1-boot/verdict/')).body
  expect(verdict.known_issues).toEqual([
    {
      ...{ id: 1, report_url: 'https://bugs.example/7', report_subject: 'Known: https://bugs.example/7' },
      ...{ state: 'regressed', regressed: true },
    },
  ])
  await server.client.patch('/comments/1/', { text: 'It was something else' })
  await settle(server)
  expect((await server.client.get('/known-issues/')).body.count).toBe(0)
  expect((await server.client.get('/jobs/n9/tests/1-boot/verdict/')).body.known_issues).toEqual([])
})

test('claims: one a thing, said again by its user, released by the user or an administrator', async () => {
  await runNights('T')
  const [ann, bob] = [await somebody('member', 'ann'), await somebody('member', 'bob')]
  const thing = { job: 'n1', test: '1-boot' }
  expect((await ann.post('/claims/', thing)).body).toMatchObject({ id: 1, state: 'looking', text: '' })
  const refused = await bob.post('/claims/', thing)
  expect([refused.status, refused.body]).toEqual([
    409,
    { detail: `ann has claimed this at ${now}: ask ann, or an administrator, to release it first.` },
  ])
  const again = await ann.post('/claims/', { ...thing, state: 'false_alarm', text: 'The cable' })
  expect([again.status, again.body]).toMatchObject([201, { id: 1, state: 'false_alarm', text: 'The cable' }])
  expect((await server.stranger.get('/claims/?job=n1&test=1-boot')).body.results).toEqual([again.body])
  expect((await bob.delete('/claims/1/')).body).toEqual({
    detail: 'This is of ann: only ann or an administrator may change it.',
  })
  expect((await server.client.delete('/claims/1/')).status).toBe(204)
  expect((await bob.post('/claims/', thing)).status).toBe(201)
})

test('a comment is changed and erased by its author and by administrators', async () => {
  await runNights('T')
  const [ann, bob] = [await somebody('member', 'ann'), await somebody('member', 'bob')]
  await ann.post('/comments/', { job: 'n1', test: '1-boot', text: 'a' })
  expect((await bob.patch('/comments/1/', { text: 'b' })).status).toBe(403)
  expect((await bob.delete('/comments/1/')).status).toBe(403)
  expect((await ann.patch('/comments/1/', { text: 'c' })).body).toMatchObject({ text: 'c', changed: now })
  expect((await server.client.delete('/comments/1/')).status).toBe(204)
  expect((await ann.get('/comments/1/')).status).toBe(404)
  const { body } = await server.client.get('/audit/')
  expect(body.results.slice(0, 3).map(({ name, action }: Record<string, string>) => [name, action])).toEqual([
    ['admin', 'comment-erased'],
    ['ann', 'comment-changed'],
    ['ann', 'commented'],
  ])
})

test('bad input is refused with a sentence', async () => {
  await runNights('T')
  const replies = []
  for (const body of [
    { text: 'x' },
    { job: 'n1', text: 'x' },
    { job: 'n1', test: '1-boot', regression: 1, text: 'x' },
    { job: 'n1', test: '1-boot', text: '' },
    { job: 'n1', test: '1-boot', text: 'x'.repeat(4097) },
    { regression: 99, text: 'x' },
    { cluster: 99, text: 'x' },
  ]) {
    const reply = await server.client.post('/comments/', body)
    replies.push([reply.status, reply.body])
  }
  expect(replies).toEqual([
    [400, { non_field_errors: ['Name what this is about: job and test, regression, or cluster.'] }],
    [400, { test: ['Name a failure by both its job and its test.'] }],
    [400, { non_field_errors: ['Name one thing: job and test, regression, or cluster.'] }],
    [400, { text: ['This field may not be blank.'] }],
    [400, { text: ['Ensure this field has no more than 4096 bytes.'] }],
    [404, { detail: 'Not found' }],
    [404, { detail: 'Not found' }],
  ])
  const claimed = await server.client.post('/claims/', { job: 'n1', test: '1-boot', state: 'mine' })
  expect(claimed.body).toEqual({ state: ['"mine" is no state of a claim: use looking or false_alarm.'] })
  expect((await server.client.get('/comments/')).body.count).toBe(0)
})

test('a thing has 1,000 comments at most', async () => {
  await runNights('T')
  const thing = { job: 'n1', test: '1-boot', text: 'x' }
  await Promise.all(Array.from({ length: 1000 }, () => server.client.post('/comments/', thing)))
  const { status, body } = await server.client.post('/comments/', thing)
  expect([status, body]).toEqual([
    409,
    { detail: 'There are 1000 comments already: erase some, or say it in a report and link that.' },
  ])
})

test('they survive when all is derived anew, and go with the test', async () => {
  await runNights('PPPPPPPPPPTTTT')
  await settle(server)
  const [regression] = (await server.client.get('/regressions/')).body.results
  const things = [
    { regression: regression.id },
    { cluster: regression.template_id },
    { job: 'n14', test: '1-boot' },
  ]
  for (const thing of things) {
    await server.client.post('/comments/', { ...thing, text: 'x' })
    await server.client.post('/claims/', thing)
  }
  await server.client.delete('/jobs/n11/')
  await server.client.patch('/jobs/n12/', { labels: { host: 'rack8' } })
  await settle(server)
  for (const thing of things.slice(0, 2)) {
    const [[name, id] = ['', 0]] = Object.entries(thing)
    expect((await server.client.get(`/comments/?${name}=${id}`)).body.count).toBe(1)
    expect((await server.client.get(`/claims/?${name}=${id}`)).body.count).toBe(1)
  }
  await server.client.delete('/jobs/n14/tests/1-boot/')
  await settle(server)
  expect((await server.client.get('/comments/')).body.count).toBe(2)
  expect((await server.client.get('/claims/')).body.count).toBe(2)
})

test('open pages are told of them', async () => {
  await runNights('T')
  using stream = await EventStream.open(server)
  const thing = { job: 'n1', test: '1-boot' }
  await server.client.post('/claims/', thing)
  const told = await stream.next()
  expect(told).toEqual({ id: server.database.change, event: 'notes', data: { kinds: ['claim'] } })
  const last = server.database.change
  await server.client.post('/comments/', { ...thing, text: 'See https://bugs.example/7' })
  expect((await stream.next()).data).toEqual({ kinds: ['known-issue', 'comment'] })
  using late = await EventStream.connect(server.origin, { query: `?last_event_id=${last}` })
  expect((await late.next()).event).toBe('hello')
  expect(await late.next()).toMatchObject({ event: 'notes', data: { kinds: ['known-issue', 'comment'] } })
})

test('triage and a comparison show the known issue, and triage the claim', async () => {
  await runNights('PPPPPPPPPPTT')
  await settle(server)
  const find = async () => {
    const { body } = await server.client.get('/triage/?since=2026-11-22T00:00')
    const groups = ['new', 'still_failing', 'fixed', 'never_passed', 'flaky'] as const
    return groups.flatMap((name) => body[name].results)
  }
  const [before] = await find()
  expect(before).toMatchObject({ group: 'new', known_issue: null, claim: null, comments: 0 })
  await server.client.post('/claims/', before.about)
  await server.client.post('/comments/', { ...before.about, text: 'x' })
  await server.client.post('/known-issues/', {
    template: before.template,
    report_url: 'https://bugs.example/7',
  })
  await settle(server)
  const [after] = await find()
  expect(after).toMatchObject({
    ...{ group: 'flaky', state: 'known_issue', comments: 1 },
    known_issue: { id: 1, report_url: 'https://bugs.example/7', state: 'open', regressed: false },
    claim: { state: 'looking', user: { username: 'admin' } },
  })
  const compared = (await server.client.get('/jobs/compare/?job=n12&base=n9')).body
  expect(compared.counts).toMatchObject({ known_issue: 1, regression: 0 })
  expect(compared.tests[0]).toMatchObject({ class: 'known_issue', known_issue: { id: 1 } })
  const [cluster] = (await server.client.get('/clusters/')).body.results
  expect(cluster.known_issue).toMatchObject({ id: 1 })
})
