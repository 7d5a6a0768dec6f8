// What the compiled binary stores of Avocado's own output, with real output, is what results.json says.

import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needing } from '../support/needs'
import { sampleFolder, sampleNames, withSampleServer } from '../support/sample-jobs'

interface Results {
  job_id: string
  total: number
  time: number
  start: string
  tests: {
    id: string
    status: string
    fail_reason: string
    actual_time_start: number
    actual_time_end: number
    time_elapsed: number
  }[]
}

const sample = withSampleServer()

for (const name of sampleNames.filter((name) => name !== 'killed-sigkill')) {
  test(`${name}: what is stored is what results.json says, field by field`, async () => {
    await sample.roads.tar?.(name)
    const results: Results = JSON.parse(readFileSync(join(sampleFolder(name), 'results.json'), 'utf8'))
    const { body: job } = await sample.client.get(`/jobs/${results.job_id}/?omit=tests`)
    const notStarted = results.total - results.tests.length
    expect({ time: job.time, elapsed: job.elapsed_time, not_started: job.not_started }).toEqual({
      not_started: notStarted > 0 ? notStarted : undefined,
      time: `${results.start.replace(' ', 'T')}Z`,
      elapsed: results.time,
    })
    const stored = new Map<string, Record<string, unknown>>()
    let page = await sample.client.get(`/jobs/${results.job_id}/tests/?page_size=1000`)
    for (const { id, tag } of page.body.results) {
      stored.set(tag, (await sample.client.get(`/jobs/${results.job_id}/tests/${id}/`)).body)
    }
    page = await sample.client.get(`/jobs/${results.job_id}/testcount/`)
    expect(page.body).toEqual({ testcount: results.tests.length })
    const status: Record<string, string> = { SKIP: 'TEST_NA', CANCEL: 'TEST_NA', INTERRUPTED: 'ERROR' }
    for (const said of results.tests) {
      const is = stored.get(said.id)
      expect({ tag: said.id, ...is }).toMatchObject({
        status: status[said.status] ?? said.status,
        ...(said.status in status && { reported_status: said.status }),
        fail_reason: said.fail_reason === '<unknown>' ? null : said.fail_reason,
        elapsed_time: said.time_elapsed,
        variant: said.id.includes(';') ? said.id.slice(said.id.lastIndexOf(';') + 1) : null,
      })
      expect(Math.abs(Date.parse(String(is?.started)) / 1000 - said.actual_time_start)).toBeLessThan(0.001)
    }
  })
}

test('the statuses of the sample jobs are those that their tests make', async () => {
  for (const name of sampleNames) await sample.roads.tar?.(name)
  const { body } = await sample.client.get('/jobs/?page_size=100&omit=tests,activities')
  const statuses = Object.fromEntries(
    body.results.map(({ id, status }: { id: string; status: string }) => [id.slice(0, 7), status]),
  )
  expect(statuses).toEqual({
    aa0d4a7: 'ERROR',
    '3a27e08': 'ERROR',
    '4868937': 'ABORT',
    dd56aa9: 'FAIL',
    '6b79ee1': 'ERROR',
    '7834556': 'NOSTATUS', // killed: its own times say so
    e805cec: 'PASS',
    fd6de77: 'FAIL',
    '00c6f8f': 'ERROR',
  })
})

test('the log of a test comes back byte by byte, and in parts', async () => {
  await sample.roads.tar?.('all-statuses')
  const log = readFileSync(
    join(sampleFolder('all-statuses'), 'test-results/02-failtest.py_FailTest.test/debug.log'),
  )
  const url = `${sample.server.origin}/jobs/aa0d4a7/tests/02-failtest.py%3AFailTest.test/files/debug.log`
  const whole = await fetch(url)
  expect(Buffer.from(await whole.arrayBuffer()).equals(log)).toBe(true)
  expect(whole.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
  expect([part.status, Buffer.from(await part.arrayBuffer()).toString()]).toEqual([
    206,
    log.subarray(10, 20).toString(),
  ])
})

test('the packages of the machine are an environment that jobs share', async () => {
  await sample.roads.tar?.('all-statuses')
  await sample.roads.tar?.('small-sysinfo')
  const environment = async (job: string) =>
    (await sample.client.get(`/jobs/${job}/tests/`)).body.results[0].id
  const of = async (job: string) =>
    (await sample.client.get(`/jobs/${job}/tests/${await environment(job)}/`)).body.environment as number
  expect(await of('aa0d4a7')).toBe(await of('fd6de77'))
  const { body } = await sample.client.get(`/testenvironments/${await of('aa0d4a7')}/`)
  expect(body.installed_software_components.length).toBeGreaterThan(700)
  expect(body.installed_software_components).toContainEqual({
    name: 'adduser',
    version: '3.134',
    release: '',
    checksum: '',
    kind: 'deb',
    arch: expect.any(String),
  })
})

needing('curl')('upload.sh does the same with tar and curl', async () => {
  expect((await sample.client.delete('/jobs/dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c/')).status).toBe(204)
  const script = await fetch(`${sample.server.origin}/upload.sh`)
  writeFileSync(join(sample.folder.path, 'upload.sh'), await script.text())
  const { code, stdout, stderr } = await sample.folder.shell(`sh upload.sh '${sampleFolder('failfast')}'`)
  expect({ code, stderr, jobs: JSON.parse(stdout || '{}').jobs }).toEqual({
    code: 0,
    stderr: '',
    jobs: [
      {
        id: 'dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c',
        url: `${sample.server.origin}/jobs/dd56aa987b15c12d8aa8f7edd41e8e0a6ab5e38c/`,
        tests: { added: 2, changed: 0, unchanged: 0 },
        files: { added: 18, changed: 0, unchanged: 0 },
        warnings: [],
      },
    ],
  })
})

test('a job that stock Avocado reports live, and then uploads, is one job with each test once', async () => {
  const name = 'all-statuses'
  const results: Results & { tests: { name: string; logdir: string }[] } = JSON.parse(
    readFileSync(join(sampleFolder(name), 'results.json'), 'utf8'),
  )
  await sample.client.delete(`/jobs/${results.job_id}/`)
  await sample.roads.tar?.(name)
  const uploaded = await sample.readJob(results.job_id)
  await sample.client.delete(`/jobs/${results.job_id}/`)

  const description = 'job-2026-11-23T18.20-aa0d4a7'
  await sample.client.post('/api/v2.0/groups', {
    uuid: results.job_id,
    ref_url: null,
    description,
    _auth_token: null,
  })
  for (const { name: testcase, status, fail_reason, logdir, time_elapsed } of results.tests) {
    const outcome = { PASS: 'PASSED', FAIL: 'FAILED', ERROR: 'NEEDS_INSPECTION' }[status] ?? 'INFO'
    const data = { status, logdir, time_elapsed: `${time_elapsed.toFixed(2)} s`, whiteboard: '' }
    const note = fail_reason === '<unknown>' ? null : fail_reason
    const body = { outcome, testcase, groups: [results.job_id], note, ref_url: null, data, _auth_token: null }
    expect((await sample.client.post('/api/v2.0/results', body)).status).toBe(201)
  }
  const reply = await sample.postArchive('tar -cf - .', name)
  expect(reply.body.jobs[0].tests).toEqual({ added: 0, changed: 41, unchanged: 0 })
  expect(await sample.readJob(results.job_id)).toEqual(uploaded)
})
