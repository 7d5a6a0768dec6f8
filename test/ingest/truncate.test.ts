// What is too long is cut, and nothing is lost without a word.

import { expect, test } from 'bun:test'
import { type JobReport, splitAvocadoTag } from '../../src/ingest/model'
import { emptyJobReport } from '../../src/ingest/protocols/resultsdb/store'
import { storeFullReasons, truncateReport } from '../../src/ingest/truncate'
import { runAtOnce } from '../../src/lib/cooperative'
import { withServer } from '../support/server'

const server = withServer()

const ID = 'a'.repeat(40)
const END = ' this is the end'
/** Two bytes a character, of which the first is one: the cut is between two. */
const REASON = `x${'ä'.repeat(100_000)}${END}`
const SHORT = `x${'ä'.repeat(32 * 1024 - 1)}`
const CUT =
  'The fail reasons of 1 tests were cut at 65536 bytes: the file fail_reason.txt of each has the whole.'

const send = async (body: string, query = '') =>
  (await server.client.request('POST', `/imports/${query}`, { body })).body.jobs[0]

async function stored(job: string) {
  const [listed] = (await server.stranger.get(`/jobs/${job}/tests/`)).body.results
  const address = `/jobs/${job}/tests/${listed.id}/`
  const shown = (await server.stranger.get(address)).body
  const whole = await server.stranger.get(`${address}files/fail_reason.txt`)
  return { reason: shown.fail_reason, whole: whole.status === 200 ? whole.body : whole.status }
}

const escaped = REASON.replaceAll('&', '&amp;')
const imports: Record<string, () => Promise<{ id: string; warnings: string[] }>> = {
  'a results.json': () =>
    send(JSON.stringify({ job_id: ID, tests: [{ id: '1-a', status: 'FAIL', fail_reason: REASON }] })),
  xUnit: () => send(`<testsuite><testcase name="a"><failure>${escaped}</failure></testcase></testsuite>`),
  NDJSON: () => send(JSON.stringify({ id: 'n', tests: [{ tag: 'a', status: 'FAIL', fail_reason: REASON }] })),
}

test.each(Object.keys(imports))('the whole of a long reason is a file of the test: %s', async (kind) => {
  const { id, warnings } = await (imports[kind] as (typeof imports)[string])()
  expect(warnings).toContain(CUT)
  expect(await stored(id)).toEqual({ reason: SHORT, whole: REASON })
})

test('the same by POST of a job, and of a test; again it is the same test', async () => {
  await server.makeJob({ id: 'whole', tests: [{ tag: 'a', status: 'FAIL', fail_reason: REASON }] })
  expect(await stored('whole')).toEqual({ reason: SHORT, whole: REASON })
  await server.makeJob({ id: 'single' })
  const value = { tag: 'a', status: 'FAIL', fail_reason: REASON }
  const post = async (more: object = {}) =>
    (await server.client.post('/jobs/single/tests/', { ...value, ...more })).status
  expect([await post(), await post(), await post({ fail_reason: `${REASON}!` })]).toEqual([200, 200, 400])
  expect(await stored('single')).toEqual({ reason: SHORT, whole: REASON })
})

test('the same by PATCH and PUT; a short reason takes the place of both', async () => {
  await server.makeJob({ id: 'job', tests: [{ tag: 'a' }] })
  const change = (method: 'patch' | 'put', fail_reason: string) =>
    server.client[method]('/jobs/job/tests/a/', { tag: 'a', fail_reason })
  expect((await change('patch', REASON)).body.fail_reason).toBe(SHORT)
  expect(await stored('job')).toEqual({ reason: SHORT, whole: REASON })
  await change('patch', 'short')
  expect(await stored('job')).toEqual({ reason: 'short', whole: 404 })
  await change('put', REASON)
  expect(await stored('job')).toEqual({ reason: SHORT, whole: REASON })
})

test('the same by ResultsDB', async () => {
  await server.client.post('/api/v2.0/groups', { uuid: 'group' })
  const result = { outcome: 'FAILED', testcase: 'a', groups: ['group'], note: REASON }
  expect((await server.client.post('/api/v2.0/results', result)).status).toBe(201)
  expect(await stored('group')).toEqual({ reason: SHORT, whole: REASON })
})

test('a reason that was there is kept, and so is its file', async () => {
  const line = (reason: string) =>
    send(JSON.stringify({ id: 'n', tests: [{ tag: 'a', status: 'FAIL', fail_reason: reason }] }))
  await line(REASON)
  await line(`other${REASON}`)
  expect(await stored('n')).toEqual({ reason: SHORT, whole: REASON })
})

test('a reason of 64 KiB is whole', async () => {
  await server.makeJob({ id: 'job', tests: [{ tag: 'a', fail_reason: 'x'.repeat(65_536) }] })
  expect(await stored('job')).toEqual({ reason: 'x'.repeat(65_536), whole: 404 })
})

test('values of data of an import are cut with a warning', async () => {
  const { id, warnings } = await send(
    JSON.stringify({ job_id: ID, tests: [{ id: '1-a', status: 'PASS', whiteboard: 'x'.repeat(1_048_577) }] }),
  )
  expect(warnings).toContain('1 values of data were cut at 1048576 bytes.')
  const { results } = (await server.stranger.get(`/jobs/${id}/tests/1-a/data/`)).body
  expect(results.find(({ key }: { key: string }) => key === 'whiteboard').value).toBe('x'.repeat(1_048_576))
})

test('activities and components beyond the bounds are cut with a warning', async () => {
  const activities = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ activity: String(index), time: index }))
  const component = { version: '1', release: '', checksum: '', kind: 'rpm', arch: 'x' }
  const report: JobReport = {
    ...emptyJobReport('n', null, null),
    activities: activities(100_001),
    environment: {
      distro: { name: 'd', version: '1', release: '', arch: 'x' },
      installed_software_components: Array.from({ length: 20_001 }, (_, index) => ({
        ...component,
        name: String(index),
      })),
    },
    tests: [
      {
        ...splitAvocadoTag('a'),
        ...{ status: null, precise: true, exactTimes: false, started: null, elapsed: null, folder: null },
        failReason: null,
        activities: activities(10_001),
        data: [],
      },
    ],
  }
  using hold = server.files.hold()
  const context = { files: server.files, clock: () => server.now }
  const cut = await storeFullReasons(context, runAtOnce(truncateReport(report)), hold)
  expect(cut.warnings).toEqual([
    'The job has 100001 activities: the first 100000 were stored.',
    '1 tests have more than 10000 activities: the first were stored.',
    'The environment has 20001 components: the first 20000 were stored.',
  ])
  expect([
    cut.activities.length,
    cut.tests[0]?.activities.length,
    cut.environment?.installed_software_components?.length,
  ]).toEqual([100_000, 10_000, 20_000])
})
