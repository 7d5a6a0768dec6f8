// GET /jobs/compare/file/: a file of two jobs line by line; and the files that differ.

import { beforeEach, expect, test } from 'bun:test'
import { tar } from '../../ingest/archives'
import { withServer } from '../../support/server'

const server = withServer()

/** Imports a job directory. */
async function importJob(job: string, files: Record<string, string | Uint8Array>): Promise<void> {
  const results = JSON.stringify({ job_id: job, tests: [{ id: '1-a', status: 'PASS' }] })
  const entries = Object.entries({ 'results.json': results, ...files }).map(([path, content]) => ({
    name: `job/${path}`,
    content,
  }))
  const { status, body } = await server.client.request('POST', '/imports/', { body: tar(entries) })
  expect({ status, warnings: body.warnings }).toEqual({ status: 201, warnings: undefined })
}

async function compareFile(path: string, base = 'before', job = 'after') {
  const query = new URLSearchParams({ job, base, path })
  const { status, body } = await server.client.get(`/jobs/compare/file/?${query}`)
  return { status, body }
}

const LONG = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`)

beforeEach(async () => {
  await importJob('before', {
    'sysinfo/pre/cmdline': 'BOOT_IMAGE=/vmlinuz\nroot=/dev/vda3 ro\n',
    'sysinfo/pre/lsmod': 'kvm 1\n',
    'sysinfo/pre/cpuinfo': 'AMD EPYC\n',
    'sysinfo/pre/journal': LONG.join(''),
    'sysinfo/pre/photo': new Uint8Array([1, 0, 2]),
    'jobdata/pwd': '/a',
    'job.log': 'one\n',
  })
  await importJob('after', {
    'sysinfo/pre/cmdline': 'BOOT_IMAGE=/vmlinuz\nroot=/dev/vda3 ro mitigations=off\n',
    'sysinfo/pre/cpuinfo': 'AMD EPYC\n',
    'sysinfo/pre/journal': LONG.with(9999, 'another line\n').join(''),
    'sysinfo/pre/photo': new Uint8Array([1, 0, 3]),
    'sysinfo/post/uptime': '7',
    'jobdata/pwd': '/b',
    'job.log': 'two\n',
  })
})

test('the files of sysinfo and jobdata that differ are listed', async () => {
  const { body } = await server.client.get('/jobs/compare/?job=after&base=before')
  expect(body.files).toEqual([
    { path: 'jobdata/pwd', change: 'changed' },
    { path: 'sysinfo/post/uptime', change: 'added' },
    { path: 'sysinfo/pre/cmdline', change: 'changed' },
    { path: 'sysinfo/pre/journal', change: 'changed' },
    { path: 'sysinfo/pre/lsmod', change: 'removed' },
    { path: 'sysinfo/pre/photo', change: 'changed' },
  ])
})

test('a file is compared line by line', async () => {
  expect(await compareFile('sysinfo/pre/cmdline')).toEqual({
    status: 200,
    body: {
      path: 'sysinfo/pre/cmdline',
      base_size: 38,
      job_size: 54,
      binary: false,
      truncated: false,
      hunks: [
        {
          base: 1,
          job: 1,
          lines: [' BOOT_IMAGE=/vmlinuz', '-root=/dev/vda3 ro', '+root=/dev/vda3 ro mitigations=off'],
        },
      ],
    },
  })
  expect((await compareFile('sysinfo/pre/cpuinfo')).body.hunks).toEqual([])
  expect((await compareFile('job.log')).body.hunks[0].lines).toEqual(['-one', '+two'])
})

test('a long one, which is not in the database, too', async () => {
  const { body } = await compareFile('sysinfo/pre/journal')
  expect(body).toMatchObject({ truncated: false, base_size: LONG.join('').length })
  expect(body.hunks).toEqual([
    {
      base: 9997,
      job: 9997,
      lines: [
        ...[' line 9996', ' line 9997', ' line 9998', '-line 9999', '+another line'],
        ...[' line 10000', ' line 10001', ' line 10002'],
      ],
    },
  ])
})

test('a file of one job alone, one that is no text, and one that neither has', async () => {
  expect((await compareFile('sysinfo/pre/lsmod')).body).toMatchObject({
    base_size: 6,
    job_size: null,
    hunks: [{ lines: ['-kvm 1'] }],
  })
  expect((await compareFile('sysinfo/post/uptime')).body.hunks[0].lines).toEqual(['+7'])
  expect((await compareFile('sysinfo/pre/photo')).body).toMatchObject({ binary: true, hunks: [] })
  expect(await compareFile('sysinfo/pre/nothing')).toEqual({
    status: 404,
    body: { detail: 'Neither job has a file "sysinfo/pre/nothing".' },
  })
  expect(await compareFile('job.log', 'gone')).toMatchObject({ status: 404 })
  const { status, body } = await server.client.get('/jobs/compare/file/?job=after')
  expect({ status, body }).toEqual({
    status: 400,
    body: { base: ['This field is required.'], path: ['This field is required.'] },
  })
})

test('an answer shows 2,000 lines at most, and says that there are more', async () => {
  const lines = (word: string) => Array.from({ length: 3000 }, (_, line) => `${word} ${line}\n`).join('')
  await importJob('one', { 'sysinfo/pre/x': lines('one') })
  await importJob('two', { 'sysinfo/pre/x': lines('two') })
  const { body } = await compareFile('sysinfo/pre/x', 'one', 'two')
  expect([body.truncated, body.hunks.length, body.hunks[0].lines.length]).toEqual([true, 1, 2000])
})

test('without stored files the short ones of sysinfo are compared as data', async () => {
  for (const [job, cmdline] of [
    ['bare', 'root=/a\n'],
    ['bare2', 'root=/b\n'],
  ] as const) {
    await server.makeJob({ id: job })
    const datum = { category: 'sysinfo', key: 'cmdline', value: cmdline }
    expect((await server.client.post(`/jobs/${job}/data/`, datum)).status).toBe(200)
  }
  const { body } = await server.client.get('/jobs/compare/?job=bare2&base=bare')
  expect(body.files).toEqual([{ path: 'sysinfo/pre/cmdline', change: 'changed' }])
  expect(body.parameters).toEqual([])
  expect((await compareFile('sysinfo/pre/cmdline', 'bare', 'bare2')).body.hunks[0].lines).toEqual([
    '-root=/a',
    '+root=/b',
  ])
})
