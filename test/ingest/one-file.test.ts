// One strange file keeps no job out: it is left out with a warning, and the tests are stored.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withServer } from '../support/server'
import { tar } from './archives'

const server = withServer({ maxFileBytes: 200 * 1024 ** 2 })

const JOB = 'job-2026-11-23T18.20-7777777'
const FOLDER = `${JOB}/test-results/1-a.py_A.test`
const results = {
  job_id: '7'.repeat(40),
  tests: [{ id: '1-a.py:A.test', status: 'PASS', logdir: `/var/${FOLDER}` }],
  total: 1,
}

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  mkdirSync(join(root, FOLDER), { recursive: true })
  writeFileSync(join(root, JOB, 'results.json'), JSON.stringify(results))
  writeFileSync(join(root, FOLDER, 'debug.log'), 'log\n')
})
afterEach(() => rmSync(root, { recursive: true }))

const inFolder = (name: string) => join(root, FOLDER, name)
const repetitive = 'ERROR: device not ready, trying again\n'

/** What somebody finds in the folder of a test, and why it is left out. */
const strange: Record<string, { make: () => void; reason: string }> = {
  'a file of 80 MB that says one thing': {
    make: () => writeFileSync(inFolder('stdout'), repetitive.repeat(2_200_000)),
    reason: 'it unpacks to more than 200 times its size',
  },
  'a sparse file': {
    make() {
      writeFileSync(inFolder('disk.img'), 'x')
      truncateSync(inFolder('disk.img'), 80 * 1024 ** 2)
    },
    reason: 'it unpacks to more than 200 times its size',
  },
  'a file over --max-file': {
    make() {
      writeFileSync(inFolder('disk.img'), 'x')
      truncateSync(inFolder('disk.img'), 300 * 1024 ** 2)
    },
    reason: `it is larger than ${200 * 1024 ** 2} bytes (--max-file)`,
  },
  'a name that is not UTF-8': {
    make: () => writeFileSync(Buffer.concat([Buffer.from(inFolder('bad')), Buffer.from([0xff])]), 'x'),
    reason: 'its name is not UTF-8',
  },
  'a name with a new line': {
    make: () => writeFileSync(inFolder('two\nlines'), 'x'),
    reason: 'its name has control characters, such as a new line',
  },
  'a named pipe': {
    make: () => void Bun.spawnSync(['mkfifo', inFolder('console')]),
    reason: 'it is a named pipe or a socket',
  },
  'a link that leads out': {
    make: () => symlinkSync('/etc/passwd', inFolder('conf')),
    reason: 'it is a link out of the archive, to "/etc/passwd"',
  },
}

test.each(Object.keys(strange))('%s', async (kind) => {
  const { make, reason } = strange[kind] as (typeof strange)[string]
  make()
  const { stdout } = Bun.spawnSync(['sh', '-c', `tar -cf - ${JOB} | zstd -q`], { cwd: root })
  const reply = await server.client.request('POST', '/imports/', { body: new Uint8Array(stdout) as never })
  expect(reply).toMatchObject({
    status: 201,
    body: {
      jobs: [
        {
          tests: { added: 1 },
          files: { added: 2 },
          warnings: [expect.stringContaining(`was left out: ${reason}.`)],
        },
      ],
    },
  })
  const files = (await server.stranger.get('/jobs/777777/tests/1-a.py:A.test/files/')).body.results
  expect(files.map(({ path }: { path: string }) => path)).toEqual(['debug.log'])
})

test('an archive of more than 10,000 jobs is refused', async () => {
  const jobs = Array.from({ length: 10_001 }, (_, index) => ({
    name: `${index}/results.json`,
    content: JSON.stringify({ ...results, job_id: index.toString(16).padStart(40, 'a') }),
  }))
  const { status, body } = await server.client.request('POST', '/imports/', { body: tar(jobs) as never })
  expect([status, body]).toEqual([
    400,
    { detail: 'The archive holds more than 10000 jobs: send them in several archives.' },
  ])
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
})

test('a sparse file as tar -S has it', async () => {
  writeFileSync(inFolder('disk.img'), 'x')
  truncateSync(inFolder('disk.img'), 80 * 1024 ** 2)
  for (const format of ['gnu', 'pax']) {
    const { stdout } = Bun.spawnSync(['sh', '-c', `tar --format=${format} -Szcf - ${JOB}`], { cwd: root })
    const { status, body } = await server.client.request('POST', '/imports/', {
      body: new Uint8Array(stdout) as never,
    })
    expect([format, status < 300, body.jobs[0].warnings]).toEqual([
      format,
      true,
      [`"${FOLDER}/disk.img" was left out: it is stored as a sparse file, which is not read.`],
    ])
  }
})
