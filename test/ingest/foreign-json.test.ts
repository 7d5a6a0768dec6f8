// JSON that is not ours is refused, in each place that takes JSON of ours, and by the name of the tool that wrote it.

import { describe, expect, test } from 'bun:test'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

/** The beginning of what each tool writes: of a stream one line. */
const reports: [tool: string, report: object][] = [
  ['go test -json', { Time: '2024-03-05T10:00:00Z', Action: 'run', Package: 'ex/a', Test: 'TestA' }],
  ['go test -json', { ImportPath: 'ex/a', Action: 'build-output', Output: '# ex/a\n' }],
  ["Rust's libtest", { type: 'suite', event: 'started', test_count: 2 }],
  ["Rust's libtest", { type: 'test', name: 'tests::works', event: 'ok', exec_time: 0.001 }],
  ['Dart and Flutter', { protocolVersion: '0.1.1', runnerVersion: '1.24.9', pid: 1, type: 'start', time: 0 }],
  ['Dart and Flutter', { testID: 3, result: 'success', skipped: false, type: 'testDone', time: 812 }],
  [
    'pytest-json-report',
    {
      created: 1.5,
      duration: 0.1,
      exitcode: 1,
      root: '/w',
      environment: {},
      summary: { total: 1 },
      tests: [{ nodeid: 'a' }],
    },
  ],
  ['pytest-reportlog', { pytest_version: '8.0.0', $report_type: 'SessionStart' }],
  [
    'CTRF',
    { results: { tool: { name: 'x' }, summary: { tests: 1 }, tests: [{ name: 'a', status: 'passed' }] } },
  ],
  ['CTRF', { reportFormat: 'CTRF', specVersion: '0.0.0', results: {} }],
  [
    'Allure',
    { uuid: 'c1', historyId: 'h', name: 'a test', status: 'passed', stage: 'finished', start: 1, stop: 2 },
  ],
  ['Allure', { uuid: 'c2', children: ['c1'], befores: [], afters: [] }],
  ['Playwright', { config: { version: '1.40' }, suites: [], errors: [], stats: { expected: 1 } }],
  [
    "Meson's testlog",
    {
      name: 'proj:a',
      stdout: 'x',
      result: 'OK',
      starttime: 1.5,
      duration: 0.1,
      returncode: 0,
      command: ['a'],
    },
  ],
  ['KUnit', { arch: 'UM', name: 'KUnit Test Group', sub_groups: [], test_cases: [] }],
  ["Bazel's build events", { id: { started: {} }, children: [{ progress: {} }], started: { uuid: 'x' } }],
  ["Zephyr's Twister", { environment: { os: 'posix' }, testsuites: [{ name: 'a', testcases: [] }] }],
  ['Newman', { collection: { info: {} }, run: { stats: {} } }],
  ['Karma', { browsers: {}, result: {}, summary: { success: 1, failed: 0 } }],
  ['Swift Testing', { kind: 'event', payload: { kind: 'testStarted' }, version: 0 }],
  ['mochawesome', { stats: { suites: 1, tests: 1, passPercent: 100 }, results: [], meta: {} }],
  ['mocha', { stats: { suites: 1, tests: 1, passes: 1 }, tests: [], pending: [], failures: [], passes: [] }],
  ['Jest and Vitest', { numFailedTests: 0, numTotalTests: 3, success: true, testResults: [] }],
  ['Robot Framework', { generator: 'Robot 7.2', generated: '2025-01-01', rpa: false, suite: { name: 'S' } }],
  ['GoogleTest', { tests: 1, failures: 0, disabled: 0, timestamp: 'x', name: 'AllTests', testsuites: [] }],
  ['RSpec', { version: '3.13', examples: [], summary: {}, summary_line: '1 example' }],
  ['Catch2', { version: 1, metadata: { name: 'x' }, 'test-run': {} }],
  ["LLVM's lit", { __version__: [18, 1], elapsed: 1, tests: [{ code: 'PASS', name: 'a' }] }],
]
const lists: [tool: string, report: object[]][] = [
  ['Cucumber and behave', [{ uri: 'a.feature', keyword: 'Feature', name: 'F', elements: [] }]],
  ['Ginkgo', [{ SuitePath: '/w', SuiteDescription: 'S', SuiteSucceeded: true, SpecReports: [] }]],
]
const sentenceOn = (tool: string) =>
  expect.stringContaining(`This is JSON of ${tool}, which is not read here. Send JUnit XML or TAP`)

async function jobs() {
  return (await server.stranger.get('/jobs/')).body.count
}

describe.each(reports)('%s: %j', (tool, report) => {
  const text = JSON.stringify(report)
  const refused = { non_field_errors: [sentenceOn(tool)] }

  test('is refused by name, whatever it is sent as', async () => {
    const before = await jobs()
    expect(await server.client.post('/jobs/', report)).toMatchObject({ status: 400, body: refused })
    const line = await server.client.request('POST', '/imports/?format=ndjson', {
      body: `${text}\n${text}\n`,
    })
    expect([line.status, line.body]).toEqual([
      400,
      {
        jobs: [],
        refused: [
          { line: 1, ...refused },
          { line: 2, ...refused },
        ],
      },
    ])
    const results = await server.client.request('POST', '/imports/?format=results-json', { body: text })
    expect(results).toMatchObject({ status: 400, body: { detail: sentenceOn(tool) } })
    const pretty = await server.client.request('POST', '/imports/', { body: JSON.stringify(report, null, 2) })
    expect(pretty).toMatchObject({ status: 400, body: { detail: sentenceOn(tool) } })
    expect(await jobs()).toBe(before)
  })
})

test.each(lists)('%s writes a list', async (tool, report) => {
  const body = JSON.stringify(report, null, 1)
  expect(await server.client.request('POST', '/imports/', { body })).toMatchObject({
    status: 400,
    body: { detail: sentenceOn(tool) },
  })
  expect(await server.client.post('/jobs/', report)).toMatchObject({ status: 400 })
})

test('an object with fields of which none is known is 400, in every body that is written', async () => {
  const before = await jobs()
  const job = await server.makeJob({ tests: [{ tag: 'a' }] })
  const desc = { desc: 'Sleep and fail' }
  const known = 'id, description, time, elapsed_time, status, labels, timeout, priority'
  const jobFields = `None of these fields is known here: desc. Known are ${known}`
  expect((await server.client.post('/jobs/', desc)).body).toEqual({
    non_field_errors: [`${jobFields}, activities, tests.`],
  })
  for (const method of ['PUT', 'PATCH']) {
    const { status, body } = await server.client.send(method, `/jobs/${job.id}/`, desc)
    expect({ status, body }).toEqual({ status: 400, body: { non_field_errors: [`${jobFields}.`] } })
  }
  const line = await server.client.request('POST', '/imports/', { body: '{"desc": 1}\n{"id": "b"}\n' })
  expect(line.body).toMatchObject({
    jobs: [{ id: 'b' }],
    refused: [{ line: 1, non_field_errors: [expect.any(String)] }],
  })
  for (const path of ['tests/a/', 'activities/', 'data/', 'tests/', 'tests/a/activities/', 'tests/a/data/']) {
    const method = path === 'tests/a/' ? 'PATCH' : 'POST'
    expect({
      path,
      status: (await server.client.send(method, `/jobs/${job.id}/${path}`, desc)).status,
    }).toEqual({
      path,
      status: 400,
    })
  }
  for (const path of ['softwarecomponentkinds', 'softwarecomponents', 'linuxdistros', 'testenvironments']) {
    expect((await server.client.post(`/${path}/`, desc)).status).toBe(400)
    expect((await server.client.patch(`/${path}/1/`, desc)).status).toBe(
      path === 'softwarecomponents' || path === 'testenvironments' ? 404 : 400,
    )
  }
  expect(await jobs()).toBe(before + 2)
})

test('{} alone is an empty job, and so is one with what means nothing yet; unknown fields beside known ones are ignored', async () => {
  const bodies = [{}, { timeout: 60 }, { priority: 'high' }, { name: 'n', desc: 'ignored' }]
  for (const body of bodies) expect((await server.client.post('/jobs/', body)).status).toBe(201)
  const lines = bodies.map((body) => JSON.stringify(body)).join('\n')
  expect((await server.client.request('POST', '/imports/', { body: lines })).body.jobs).toHaveLength(4)
})

test("what is ours is never taken for another tool's", async () => {
  const body = {
    type: 'nightly',
    event: 'push',
    time: '2026-01-01T00:00Z',
    tests: [{ tag: 'a', suite: 's' }],
  }
  expect((await server.client.post('/jobs/', body)).status).toBe(201)
  expect((await server.client.post('/jobs/', { type: 'nightly', time: '2026-01-01T00:00Z' })).status).toBe(
    201,
  )
})
