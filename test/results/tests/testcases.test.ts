// A tag is unique in its job and found by its text, whichever file told how it is split into suite, name and variant.

import { expect, test } from 'bun:test'
import { finishJob, mergePart } from '../../../src/ingest/queries'
import { addHiddenJob } from '../../../src/results/jobs/queries'
import { nameOf, prefixesOf, splitTag } from '../../../src/results/tests/model'
import { NOW, withServer } from '../../support/server'

const server = withServer()

const bare = {
  status: null,
  precise: true,
  exactTimes: false,
  started: null,
  elapsed: null,
  folder: null,
  failReason: null,
  activities: [],
  data: [],
}
const reported = [
  { tag: '3-way merge;1', prefix: '', suite: '', variant: null },
  { tag: 'sanity-2-ok.py:Ok.test;run-1', prefix: 'sanity-2-', suite: 'sanity', variant: 'run-1' },
  { tag: 'unit: parse', prefix: 'unit: ', suite: 'unit', variant: null },
  { tag: 'same name', prefix: '', suite: 'unit', variant: null },
]

/** A job of a file that splits tags in its own way. */
async function importJob(id: string): Promise<void> {
  const head = {
    id,
    description: null,
    time: NOW,
    receivedAt: NOW,
    elapsed: 0,
    status: null,
    createdBy: null,
  }
  const { job } = await server.database.write(addHiddenJob, { head })
  const part = {
    activities: [],
    data: [],
    tests: reported.map((parts) => ({ ...parts, ...bare })),
    continued: [],
    labels: [],
  }
  await server.database.write(mergePart, { job, part, isNew: true, lastTest: undefined, now: NOW })
  const times = { description: null, time: null, elapsed: null, notStarted: null, exactTimes: false }
  await server.database.write(finishJob, { job, isNew: true, id, head: times, environment: null, now: NOW })
}

const partsOf = async (tag: string, job: string) => {
  const { status, body } = await server.stranger.get(`/jobs/${job}/tests/${encodeURIComponent(tag)}/`)
  return status === 200 ? [body.tag, body.suite ?? '', body.name, body.variant] : status
}

test('a test is found by its tag, and shows the parts that its source told', async () => {
  await importJob('told')
  expect(await Promise.all(reported.map(({ tag }) => partsOf(tag, 'told')))).toEqual([
    ['3-way merge;1', '', '3-way merge;1', null],
    ['sanity-2-ok.py:Ok.test;run-1', 'sanity', 'ok.py:Ok.test', 'run-1'],
    ['unit: parse', 'unit', 'parse', null],
    ['same name', 'unit', 'same name', null],
  ])
})

test('the same tags, posted, are the same tests', async () => {
  await importJob('again')
  for (const { tag } of reported) {
    const { status } = await server.client.post('/jobs/again/tests/', { tag })
    const other = await server.client.post('/jobs/again/tests/', { tag, status: 'PASS' })
    expect([tag, status, other.status]).toEqual([tag, 200, 400])
  }
  expect((await server.stranger.get('/jobs/again/testcount/')).body).toEqual({ testcount: reported.length })
})

test('a tag that was posted is split as Avocado does, whatever others have in other jobs', async () => {
  await importJob('files')
  await server.makeJob({ id: 'posted', tests: [{ tag: 'same name' }] })
  for (const { tag } of reported.slice(0, 3)) await server.client.post('/jobs/posted/tests/', { tag })
  expect(await Promise.all(reported.map(({ tag }) => partsOf(tag, 'posted')))).toEqual([
    ['3-way merge;1', '', 'way merge', '1'],
    ['sanity-2-ok.py:Ok.test;run-1', '', 'sanity-2-ok.py:Ok.test', 'run-1'],
    ['unit: parse', '', 'unit: parse', null],
    ['same name', '', 'same name', null],
  ])
})

test('a change that leaves the tag leaves its parts; a new tag has new ones', async () => {
  await importJob('changed')
  const path = (tag: string) => `/jobs/changed/tests/${encodeURIComponent(tag)}/`
  await server.client.patch(path('unit: parse'), { status: 'FAIL' })
  await server.client.patch(path('same name'), { tag: '3-way merge;2' })
  expect(await partsOf('unit: parse', 'changed')).toEqual(['unit: parse', 'unit', 'parse', null])
  expect(await partsOf('3-way merge;2', 'changed')).toEqual(['3-way merge;2', '', 'way merge', '2'])
})

test('histories are of test cases: suite, name and variant', async () => {
  await importJob('h1')
  await importJob('h2')
  await server.makeJob({ id: 'h3', tests: [{ tag: 'same name', status: 'PASS' }] })
  const jobsOf = async (job: string) => {
    const { body } = await server.stranger.get(`/jobs/${job}/tests/same%20name/history/?page_size=1000`)
    return body.results.map((run: { job: string }) => run.job).filter((id: string) => id.startsWith('h'))
  }
  expect((await jobsOf('h1')).sort()).toEqual(['h1', 'h2'])
  expect(await jobsOf('h3')).toEqual(['h3'])
})

test('the ways to split a tag are few, however long it is', () => {
  expect(prefixesOf('1-a')).toEqual(['1-', ''])
  expect(prefixesOf('a')).toEqual([''])
  expect(prefixesOf('a-1-b: c')).toEqual(['', 'a-1-', 'a-1-b: '])
  expect(prefixesOf('-1'.repeat(500)).length).toBeLessThanOrEqual(8)
})

test('parts put together are the tag', () => {
  for (const tag of ['001-a;b', 'a', ';', '1-', '5-;', 'a;b;c', '1-2-3']) {
    const parts = splitTag(tag)
    const variant = parts.variant === null ? '' : `;${parts.variant}`
    expect(parts.prefix + nameOf(parts) + variant).toBe(tag)
  }
})
