// The published documentation, word for word: its set-up section, then every curl line by the real curl, in order.
// Only the name of the program, the port, and the numbers of what is made differ.

import { afterAll, beforeAll, expect } from 'bun:test'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { binary, Folder, type Serving } from '../support/binary'
import { needing } from '../support/needs'

const test = needing('curl')

const folder = new Folder()
let server: Serving

beforeAll(async () => {
  symlinkSync(binary(), join(folder.path, 'avocado-server'))
  expect(await folder.shell('./avocado-server syncdb -v0 --noinput')).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  const created = await folder.shell(
    "./avocado-server createsuperuser --username=admin --email='root@localhost.localdomain' --noinput",
  )
  expect(created.code).toBe(0)
  const changed = await folder.shell('echo 123 | ./avocado-server changepassword admin')
  expect(changed).toEqual({
    code: 0,
    stdout: 'Password of admin changed.\n',
    stderr: 'Warning: this password is weak. Everybody who can reach the server can guess at it.\n',
  })
  server = await folder.serve(['--time-zone', 'America/Chicago'])
  // The job that the examples show: number 1 with tests 1 to 3.
  const job = {
    id: '5e31e612-f08e-4acf-a1a1-7c53f691546d',
    description: 'Sleep, fail and sync',
    time: '2013-05-02T04:59:58Z',
    activities: [{ activity: 'JOB_START', time: '2013-05-02T04:59:59Z' }],
    tests: [{ tag: 'sleeptest' }, { tag: 'synctest', status: 'PASS' }, { tag: 'failtest', status: 'FAIL' }],
  }
  const reply = await fetch(`${server.origin}/jobs/`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('admin:123')}`, 'content-type': 'application/json' },
    body: JSON.stringify(job),
  })
  expect(reply.status).toBe(201)
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

/** Runs a line of the documentation, on our port. @returns what curl prints */
async function curl(line: string): Promise<unknown> {
  const port = new URL(server.origin).port
  const { code, stdout } = await folder.shell(
    line.replace(/^curl/, 'curl -sS').replaceAll(':9405', `:${port}`),
  )
  expect(code).toBe(0)
  return JSON.parse(stdout.replaceAll(`:${port}`, ':9405'))
}

const job = '5e31e612-f08e-4acf-a1a1-7c53f691546d'

test('curl http://localhost:9405/', async () => {
  expect(await curl('curl  http://localhost:9405/')).toEqual({
    jobstatuses: 'http://localhost:9405/jobstatuses/',
    teststatuses: 'http://localhost:9405/teststatuses/',
    softwarecomponentkinds: 'http://localhost:9405/softwarecomponentkinds/',
    softwarecomponentarches: 'http://localhost:9405/softwarecomponentarches/',
    softwarecomponents: 'http://localhost:9405/softwarecomponents/',
    linuxdistros: 'http://localhost:9405/linuxdistros/',
    testenvironments: 'http://localhost:9405/testenvironments/',
    jobs: 'http://localhost:9405/jobs/',
  })
})

test('curl http://127.0.0.1:9405/version/', async () => {
  expect(await curl('curl http://127.0.0.1:9405/version/')).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  })
})

test('curl http://127.0.0.1:9405/jobs/', async () => {
  expect(await curl('curl http://127.0.0.1:9405/jobs/')).toEqual({
    count: 1,
    next: null,
    previous: null,
    results: [
      {
        id: job,
        number: 1,
        description: 'Sleep, fail and sync',
        time: '2013-05-02T04:59:58Z',
        elapsed_time: 0,
        status: null,
        activities: [{ job, activity: 'JOB_START', time: '2013-05-02T04:59:59Z' }],
        tests: [
          { id: 1, job, tag: 'sleeptest', status: null },
          { id: 2, job, tag: 'synctest', status: 'PASS' },
          { id: 3, job, tag: 'failtest', status: 'FAIL' },
        ],
      },
    ],
  })
})

test('activities of a job', async () => {
  expect(
    await curl(`curl -u admin:123 -H "Content-Type: application/json" \\
  -d '{"activity": "JOB_FINISHED", "time": "2013-05-02 00:01:01"}' \\
  http://localhost:9405/jobs/1/activities/`),
  ).toEqual({ status: 'job activity added' })
  expect(await curl('curl http://localhost:9405/jobs/1/activities/')).toEqual({
    count: 2,
    next: null,
    previous: null,
    results: [
      { job, activity: 'JOB_START', time: '2013-05-02T04:59:59Z' },
      { job, activity: 'JOB_FINISHED', time: '2013-05-02T05:01:01Z' },
    ],
  })
})

test('activities of a test', async () => {
  const added = { status: 'test activity added' }
  expect(
    await curl(`curl -u admin:123 -H "Content-Type: application/json" \\
  -d '{"activity": "TEST_STARTED", "time": "2013-05-02 00:00:01"}' \\
  http://localhost:9405/jobs/1/tests/1/activities/`),
  ).toEqual(added)
  expect(
    await curl(`curl -u admin:123 -H "Content-Type: application/json" \\
  -d '{"activity": "TEST_ENDED", "time": "2013-05-02 00:00:04", "status": "FAIL"}' \\
  http://localhost:9405/jobs/1/tests/1/activities/`),
  ).toEqual(added)
  expect(await curl('curl http://localhost:9405/jobs/1/tests/1/activities/')).toEqual({
    count: 2,
    next: null,
    previous: null,
    results: [
      { test: 1, activity: 'TEST_STARTED', time: '2013-05-02T05:00:01Z', status: null },
      { test: 1, activity: 'TEST_ENDED', time: '2013-05-02T05:00:04Z', status: 'FAIL' },
    ],
  })
})

test('tests of a job, and its passrate', async () => {
  expect(
    await curl(
      `curl -u admin:123 -H "Content-Type: application/json" -d '{"tag": "newtest", "status": "PASS"}' http://localhost:9405/jobs/1/tests/`,
    ),
  ).toEqual({ status: 'test added' })
  expect(await curl('curl http://localhost:9405/jobs/1/tests/')).toEqual({
    count: 4,
    next: null,
    previous: null,
    results: [
      { id: 1, job, tag: 'sleeptest', status: 'FAIL' },
      { id: 2, job, tag: 'synctest', status: 'PASS' },
      { id: 3, job, tag: 'failtest', status: 'FAIL' },
      { id: 4, job, tag: 'newtest', status: 'PASS' },
    ],
  })
  expect(await curl('curl http://localhost:9405/jobs/1/passrate')).toEqual({ passrate: 50 })
})

test('data of a test', async () => {
  const added = { status: 'test data added' }
  expect(
    await curl(`curl -u admin:123 -H "Content-Type: application/json" \\
  -d '{"category": "sysinfo",
       "key": "cmdline",
       "value": "BOOT_IMAGE=/vmlinuz-3.14.3-200.fc20.x86_64 root=/dev/mapper/vg_x220-f19root ro rd.md=0 rd.dm=0 vconsole.keymap=us rd.lvm.lv=vg_x220/f19root rd.luks=0 vconsole.font=latarcyrheb-sun16 rd.lvm.lv=vg_x220/swap rhgb quiet LANG=en_US.UTF-8"}' \\
  http://localhost:9405/jobs/1/tests/1/data/`),
  ).toEqual(added)
  expect(
    await curl(`curl -u admin:123 -H "Content-Type: application/json" \\
  -d '{"category": "log_file_path",
       "key": "debug.log",
       "value": ""}' \\
  http://localhost:9405/jobs/1/tests/1/data/`),
  ).toEqual(added)
})

test('curl http://127.0.0.1:9405/jobstatuses/', async () => {
  expect(await curl('curl http://127.0.0.1:9405/jobstatuses/')).toEqual({
    count: 10,
    next: null,
    previous: null,
    results: [
      { name: 'TEST_NA', description: '' },
      { name: 'ABORT', description: 'Job was removed from queue before completion' },
      { name: 'ERROR', description: '' },
      { name: 'FAIL', description: '' },
      { name: 'WARN', description: '' },
      { name: 'PASS', description: 'Job finished running successfull' },
      { name: 'START', description: 'Job just started running' },
      { name: 'ALERT', description: '' },
      { name: 'RUNNING', description: 'Job is currently being executed' },
      { name: 'NOSTATUS', description: 'Job has no recognizable status' },
    ],
  })
})

test('curl http://127.0.0.1:9405/teststatuses/', async () => {
  expect(await curl('curl http://127.0.0.1:9405/teststatuses/')).toEqual({
    count: 5,
    next: null,
    previous: null,
    results: [
      { name: 'PASS', description: 'Test succeeded' },
      { name: 'ERROR', description: 'Test had an error' },
      { name: 'FAIL', description: 'Test failed' },
      { name: 'TEST_NA', description: 'Test was skipped' },
      { name: 'WARN', description: 'Test generated warnings' },
    ],
  })
})
