// Every dry run has the id of 40 zeros (CLIENTS.md): what Avocado's plugin sends of each is a job of its own.

import { expect, test } from 'bun:test'
import { withServer } from '../../../support/server'

const server = withServer()
const DRY = '0'.repeat(40)
const FOLDER = 'job-2026-11-23T18.20-0000000'

const post = (path: string, body: object) => server.client.post(`/api/v2.0${path}`, body)
const group = () => post('/groups', { uuid: DRY, description: FOLDER, ref_url: null, _auth_token: null })
const result = (testcase: string, logdir?: string) =>
  post('/results', {
    outcome: 'INFO',
    testcase,
    groups: [DRY],
    note: null,
    data: { status: 'CANCEL', ...(logdir && { logdir }) },
  })
const logdir = (run: string, test: string) => `/tmp/avocado-dry-run-${run}/${FOLDER}/test-results/${test}`
const jobs = async () => {
  const { body } = await server.stranger.get('/jobs/?ordering=number')
  return body.results.map(({ tests }: { tests: { tag: string }[] }) => tests.map(({ tag }) => tag))
}

test('two dry runs are two jobs, and each has its own tests', async () => {
  for (const run of ['one', 'two']) {
    expect(await group()).toMatchObject({ status: 201, body: { uuid: DRY, description: FOLDER } })
    for (const name of ['1-a.py:A.test', '2-b.py:B.test']) {
      expect((await result(name.slice(2), logdir(run, name.replace(':', '_')))).status).toBe(201)
    }
  }
  expect(await jobs()).toEqual([
    ['1-a.py:A.test', '2-b.py:B.test'],
    ['1-a.py:A.test', '2-b.py:B.test'],
  ])
})

test('a result that is sent again is stored once', async () => {
  const [first, second] = [await result('a', logdir('x', '1-a')), await result('a', logdir('x', '1-a'))]
  expect(second.body.id).toBe(first.body.id)
  expect(await jobs()).toEqual([['1-a']])
})

test('a dry run that sends no results, as those of Avocado 113 do, leaves no empty job', async () => {
  await group()
  expect(await jobs()).toEqual([])
})

test('what does not say where its log is belongs to the group that it names', async () => {
  await post('/groups', { uuid: DRY, description: 'by hand' })
  await result('a')
  expect(await jobs()).toEqual([['a']])
})
