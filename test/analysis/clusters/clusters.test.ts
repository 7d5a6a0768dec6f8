// GET /clusters/: why tests fail, one row for all reasons that differ only in values.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { post as postAgain, postNights } from '../infrastructure/lab'
import { DAY, nightly } from '../series/lab'

const server = withServer()

const get = async (path: string) => {
  const { status, body } = await server.client.get(path)
  expect([path, status]).toEqual([path, 200])
  return body
}
const templates = (body: { results: { template: string }[] }) => body.results.map(({ template }) => template)

/** Posts a job with these failures, `days` before now. */
const post = (id: string, days: number, host: string | undefined, failures: Record<string, string>) =>
  server.makeJob({
    id,
    time: formatTime(NOW - days * DAY),
    ...(host && { labels: { host } }),
    tests: Object.entries(failures).map(([tag, fail_reason]) => ({ tag, status: 'FAIL', fail_reason })),
  })

test('the worked examples: values are masked, and the exit status is not', async () => {
  await post('a', 1, 'rack1', {
    '1-boot': 'Guest avocado-vt-vm1 did not boot within 240 seconds',
    '2-check': "Command 'qemu-img check /var/tmp/a_x1/b.qcow2' failed with exit status 139",
    '3-check': "Command 'qemu-img check /var/tmp/a_x1/b.qcow2' failed with exit status 1",
    '4-oops': 'RIP: 0010:kvm_mmu_page_fault+0x9b/0x6a0',
    '5-vnc': '[Errno 104] Connection reset by peer 10.1.2.3:5900',
  })
  await settle(server)
  expect(templates(await get('/clusters/')).sort()).toEqual(
    [
      "Command 'qemu-img check <*> failed with exit status 1",
      "Command 'qemu-img check <*> failed with exit status 139",
      'Guest <*> did not boot within <*> seconds',
      'RIP: kvm_mmu_page_fault+<offset>',
      '[Errno 104] Connection reset by peer <*>',
    ].sort(),
  )
})

test('a cluster counts its failures, tests, hosts, jobs and days, and shows the newest failure', async () => {
  await post('a', 3, 'rack1', { '1-x': 'lost 12 packets', '2-y;v': 'lost 3 packets' })
  await post('b', 2, 'rack1', { '1-x': 'lost 99 packets', '3-z': 'no such device' })
  await post('c', 1, undefined, { '1-x': 'lost 7 packets' })
  await settle(server)
  const { count, results, window } = await get('/clusters/?days=4')
  expect(count).toBe(2)
  const id = expect.any(Number)
  const testcase = (name: string, failures: number, variant: string | null = null) => ({
    testcase: variant === null ? name : `${name};${variant}`,
    ...{ suite: '', name, variant, failures },
  })
  expect(results).toEqual([
    {
      id,
      template: 'lost <*> packets',
      ...{ failures: 4, tests: 2, hosts: 2, jobs: 3 },
      first: formatTime(NOW - 3 * DAY),
      last: formatTime(NOW - DAY),
      days: [0, 2, 1, 1, 0],
      open_tests: 0,
      known_issue: null,
      blame: { of: 'product', host: null, probability: expect.any(Number) },
      infrastructure: false,
      sample: { job: 'c', job_number: id, time: formatTime(NOW - DAY), test: id },
      tests_top: [testcase('x', 3), testcase('y', 1, 'v')],
      hosts_top: [
        { host: 'rack1', failures: 3 },
        { host: null, failures: 1 },
      ],
    },
    expect.objectContaining({ template: 'no such device', failures: 1 }),
  ])
  expect(window).toEqual({ from: '2026-11-20T00:00:00Z', to: '2026-11-24T12:01:00Z' })

  const [{ id: lost }] = results
  expect(await get(`/clusters/${lost}/?days=4`)).toEqual({ ...results[0], window })
  const jobs = await get(`/clusters/${lost}/jobs/`)
  expect(jobs.results).toEqual([
    {
      job: 'c',
      job_number: id,
      time: formatTime(NOW - DAY),
      host: null,
      branch: null,
      failures: 1,
      test: id,
      testcase: 'x',
    },
    expect.objectContaining({ job: 'b', host: 'rack1', failures: 1 }),
    expect.objectContaining({ job: 'a', failures: 2 }),
  ])
  expect(templates(await get('/clusters/?days=1'))).toEqual(['lost <*> packets'])
  expect(templates(await get('/clusters/?search=DEVICE'))).toEqual(['no such device'])
  expect(templates(await get('/clusters/?search=such packets'))).toEqual([])
  expect(templates(await get('/clusters/?testcase=y'))).toEqual(['lost <*> packets'])
  expect(templates(await get('/clusters/?host=rack1&ordering=failures'))).toEqual([
    'no such device',
    'lost <*> packets',
  ])
  expect(templates(await get('/clusters/?host=nobody'))).toEqual([])
  expect(templates(await get('/clusters/?ordering=-first'))).toEqual(['no such device', 'lost <*> packets'])
  expect(templates(await get('/clusters/?page_size=1&page=2'))).toEqual(['no such device'])
})

test('reasons that differ in a name are one cluster, with the failures of all; passes and flakes count as they are', async () => {
  const owners = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']
  await post(
    'a',
    1,
    'rack1',
    Object.fromEntries(owners.map((name, at) => [`${at}-x`, `The disk of ${name} is gone`])),
  )
  await settle(server)
  const { results } = await get('/clusters/')
  expect(results).toMatchObject([{ template: 'The disk of <*> is gone', failures: 8, tests: 1, jobs: 1 }])
  await server.client.delete('/jobs/a/')
  await settle(server)
  expect((await get('/clusters/')).results).toEqual([])
  expect(await get(`/clusters/${results[0].id}/`)).toMatchObject({
    failures: 0,
    first: null,
    last: null,
    sample: null,
  })
  expect(await get(`/clusters/${results[0].id}/jobs/`)).toMatchObject({ count: 0 })
})

test('a cluster says in how many tests a regression with it is open', async () => {
  await nightly(server, 'a', 'PPPPPPPPPFFFF', { reason: 'no such device' })
  await nightly(server, 'b', 'PPPPPPPPPFFPP', { reason: 'lost 3 packets', tag: '1-y' })
  await settle(server)
  const found = Object.fromEntries(
    (await get('/clusters/')).results.map(({ template, open_tests }: never) => [template, open_tests]),
  )
  expect(found).toEqual({ 'no such device': 1, 'lost <*> packets': 0 })
})

test('a reason that hit a host for a night is infrastructure once its job is known to be', async () => {
  const GOOD = 'PPPPPPPPPPPP'
  const NIGHT = 'EEPEEFEPEEEE'
  await postNights(server, [GOOD, GOOD, NIGHT])
  await postNights(server, [GOOD, 'EPPPPPPPPPPP'], { host: 'rack2', reason: 'no such device' })
  await settle(server)
  const found = async () =>
    Object.fromEntries(
      (await get('/clusters/')).results.map(({ template, infrastructure }: never) => [
        template,
        infrastructure,
      ]),
    )
  expect(await found()).toEqual({ 'no route to host': false, 'no such device': false })
  await postAgain(server, { id: 'next', ago: 0.2, results: GOOD })
  await settle(server)
  expect(await found()).toEqual({ 'no route to host': true, 'no such device': false })
})

test('what has no reason, passed or was left out is in no cluster', async () => {
  await server.makeJob({
    id: 'a',
    time: formatTime(NOW - DAY),
    tests: [
      { tag: '1-x', status: 'FAIL' },
      { tag: '2-y', status: 'SKIP', fail_reason: 'no such device' },
      { tag: '3-z', status: 'INTERRUPTED', fail_reason: 'somebody pressed Ctrl-C' },
      { tag: '4-w', status: 'INTERRUPTED', fail_reason: 'Timeout reached' },
    ],
  })
  await settle(server)
  expect(templates(await get('/clusters/'))).toEqual(['Timeout reached'])
})

test('bad parameters are refused with a sentence, and what is not there is not found', async () => {
  for (const query of ['days=0', 'days=91', 'until=x']) {
    expect([query, (await server.client.get(`/clusters/?${query}`)).status]).toEqual([query, 400])
  }
  for (const path of ['/clusters/9/', '/clusters/x/', '/clusters/9/jobs/', '/clusters/?page=2']) {
    expect([path, (await server.client.get(path)).status]).toEqual([path, 404])
  }
})
