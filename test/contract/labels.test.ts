// API.md, "Job": labels.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()
const labels = { host: 'rack7', tag: ['b', 'a', 'b'], 'ci.link': 'https://ci/7?x=1' }
const shown = { 'ci.link': 'https://ci/7?x=1', host: 'rack7', tag: ['a', 'b'] }
const many = (count: number) => ({ k: Array.from({ length: count }, (_, index) => `v${index}`) })

test('POST /jobs/ stores labels, and answers show them where there are any', async () => {
  const made = await server.makeJob({ id: 'a', labels })
  expect(made.labels).toEqual(shown)
  expect('labels' in (await server.makeJob({ id: 'b', labels: {} }))).toBe(false)
  expect((await server.stranger.get('/jobs/a/')).body.labels).toEqual(shown)
  const { results } = (await server.stranger.get('/jobs/?ordering=id')).body
  expect(results.map((job: object) => ('labels' in job ? job.labels : null))).toEqual([shown, null])
})

test('a job of several transactions has its labels, too', async () => {
  const tests = Array.from({ length: 2500 }, (_, index) => ({ tag: `t${index}`, status: 'PASS' }))
  await server.makeJob({ id: 'a', labels, tests })
  expect((await server.stranger.get('/jobs/a/?omit=tests')).body.labels).toEqual(shown)
})

test('NDJSON takes them, and completes those that are there', async () => {
  const send = (line: object) =>
    server.client.request('POST', '/imports/', { body: `${JSON.stringify({ id: 'a', ...line })}\n` })
  expect((await send({ labels })).status).toBe(201)
  expect((await send({ labels: { tag: 'c', host: 'rack8' } })).body.jobs[0].warnings).toEqual([
    'The job has another value for the label host already: the stored one was kept.',
  ])
  expect((await server.stranger.get('/jobs/a/')).body.labels).toEqual({ ...shown, tag: ['a', 'b', 'c'] })
  expect((await send({ labels: many(49) })).body.jobs[0].warnings).toHaveLength(4)
})

test('PUT puts labels in the place of all others, and leaves them when it names none', async () => {
  await server.makeJob({ id: 'a', labels })
  await server.client.put('/jobs/a/', { description: 'x' })
  expect((await server.stranger.get('/jobs/a/')).body.labels).toEqual(shown)
  expect((await server.client.put('/jobs/a/', { labels: { plan: 'smoke' } })).body.labels).toEqual({
    plan: 'smoke',
  })
  expect('labels' in (await server.client.put('/jobs/a/', { labels: {} })).body).toBe(false)
})

test('PATCH sets the labels that it names, null or an empty list removes one, and the others stay', async () => {
  await server.makeJob({ id: 'a', labels })
  const patch = async (changes: object) => (await server.client.patch('/jobs/a/', { labels: changes })).body
  expect((await patch({})).labels).toEqual(shown)
  expect((await patch({ plan: 'smoke', host: 'rack8' })).labels).toEqual({
    ...shown,
    plan: 'smoke',
    host: 'rack8',
  })
  expect((await patch({ tag: 'c', plan: null, host: [] })).labels).toEqual({
    'ci.link': 'https://ci/7?x=1',
    tag: 'c',
  })
  expect('labels' in (await patch({ tag: null, 'ci.link': null, unknown: null }))).toBe(false)
})

test('PATCH that would leave more than 50 labels is refused and changes nothing', async () => {
  await server.makeJob({ id: 'a', labels: many(49) })
  const reply = await server.client.patch('/jobs/a/', { description: 'x', labels: { a: '1', b: '2' } })
  expect([reply.status, reply.body]).toEqual([400, { labels: ['A job has at most 50 labels.'] }])
  expect((await server.stranger.get('/jobs/a/')).body).toMatchObject({
    description: null,
    labels: { k: expect.any(Array) },
  })
  expect((await server.client.patch('/jobs/a/', { labels: { a: '1', k: null } })).body.labels).toEqual({
    a: '1',
  })
})

test.each([
  [{ 'a b': null }, '"a b" is no key of a label: 1 to 64 letters, digits and _ . -'],
  [null, 'This field may not be null.'],
  [{ k: [null] }, 'k: This field may not be null.'],
  [{ host: ['a', 'b'] }, 'The label host has one value.'],
])('PATCH with %j is refused', async (value, sentence) => {
  await server.makeJob({ id: 'a', labels })
  const reply = await server.client.patch('/jobs/a/', { labels: value })
  expect([reply.status, reply.body]).toEqual([400, { labels: [sentence] }])
  expect((await server.stranger.get('/jobs/a/')).body.labels).toEqual(shown)
})

test.each([
  ['a list', ['a'], 'Expected a dictionary of labels: {"KEY": "VALUE", "KEY": ["VALUE", "VALUE"]}.'],
  ['null', null, 'This field may not be null.'],
  ['a key with a blank', { 'a b': 'c' }, '"a b" is no key of a label: 1 to 64 letters, digits and _ . -'],
  [
    'a key of 65 characters',
    { ['k'.repeat(65)]: 'c' },
    `"${'k'.repeat(64)}" is no key of a label: 1 to 64 letters, digits and _ . -`,
  ],
  ['an empty value', { k: '' }, 'k: This field may not be blank.'],
  ['null as a value', { k: [null] }, 'k: This field may not be null.'],
  ['an object as a value', { k: {} }, 'k: Not a valid string.'],
  [
    'a value of 256 characters',
    { k: 'v'.repeat(256) },
    'k: Ensure this field has no more than 255 characters.',
  ],
  ['two plans', { plan: ['a', 'b'] }, 'The label plan has one value.'],
  ['two branches', { branch: ['a', 'b'] }, 'The label branch has one value.'],
  ['51 labels', many(51), 'A job has at most 50 labels.'],
  ['more repetitions than are read', { k: Array(1001).fill('v') }, 'A job has at most 50 labels.'],
])('%s is refused', async (_, value, sentence) => {
  const reply = await server.client.post('/jobs/', { id: 'a', labels: value })
  expect([reply.status, reply.body]).toEqual([400, { labels: [sentence] }])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('50 labels of the longest keys and values are stored', async () => {
  const key = 'k'.repeat(64)
  const values = Array.from({ length: 50 }, (_, index) => `${10 + index}${'é'.repeat(253)}`)
  expect((await server.makeJob({ labels: { [key]: values } })).labels).toEqual({ [key]: values })
})

test('a job that is deleted takes its labels along', async () => {
  const { number } = await server.makeJob({ id: 'deleted', labels })
  await server.client.delete('/jobs/deleted/')
  const again = await server.makeJob({ id: 'deleted' })
  expect([again.number > number, 'labels' in again]).toEqual([true, false])
})
