// A walk through everything that the server does with its database: every route, with every filter, ordering and kind
// of page, and what commands and the server itself do besides.

import pino from 'pino'
import { repairIncidents } from '../../src/analysis/known-issues/check'
import { testcaseOrderings } from '../../src/analysis/search/testcases'
import { repairAnalyses } from '../../src/analysis/series/check'
import { refresh } from '../../src/analysis/series/refresh'
import { deleteOldEntries } from '../../src/audit/queries'
import { hasUsers } from '../../src/auth/queries'
import { listAllTokens } from '../../src/auth/token-queries'
import { formatTime } from '../../src/lib/time'
import { redact } from '../../src/operations/redaction/redact'
import { endRedaction } from '../../src/operations/redaction/task'
import { maskTexts } from '../../src/operations/redaction/texts'
import { forgetFile, storedFiles } from '../../src/results/core/files'
import { getJobRef } from '../../src/results/core/job-reference'
import { resumeRetiming } from '../../src/results/core/retiming'
import { fillSearchSlowly } from '../../src/results/core/search-filling'
import { sweepHiddenEnvironments } from '../../src/results/environments/writing'
import { checkFiles } from '../../src/results/files/check'
import { sweepFiles } from '../../src/results/files/sweep'
import { expireStaleJobs } from '../../src/results/jobs/expire-stale-jobs'
import { sweepHiddenJobs } from '../../src/results/jobs/hidden-jobs'
import { jobOrderings } from '../../src/results/jobs/list'
import { renameHosts } from '../../src/results/labels/rename'
import { resolveScope, runsInScope } from '../../src/results/scope/queries'
import { addTest } from '../../src/results/tests/adding'
import { testOrderings } from '../../src/results/tests/list'
import { openConnection } from '../../src/storage/sqlite/connection'
import { tar } from '../ingest/archives'
import type { Client, Reply } from '../support/client'
import { ownQuery } from '../support/own-query'
import { NOW, type TestServer } from '../support/server'
import { signIn } from '../support/session'
import { settle } from '../support/settled'

const PASSWORD = 'correct horse battery staple'
const RANGE = 'time_after=2026-11-01T00:00:00Z&time_before=2026-12-01T00:00:00Z'
/** Tests, more than one transaction takes. */
const MANY = 2100

/** Where jobs ran, each form of it and all together. */
const scopes = [
  'label=host:rack7',
  'label=host:rack7,rack8',
  'label=host',
  'label=host:localhost',
  'label=!host:rack7',
  'branch=main',
  'label=!branch',
  'label=plan:a',
  'label=!plan:a',
  'label=plan',
  'label=arch:x86_64',
  'label=!arch:x86_64',
  'label=arch',
  'label=distro:a',
  'label=kernel:6.1',
  'environment=1',
  'environment=!1',
  'component=a>=1',
  'component=!a',
  'host=rack7&branch=main&label=plan:a&label=arch:x86_64&environment=1&component=a',
]
const ago = (seconds: number) => formatTime(NOW - seconds * 1_000_000)
const distro = (name: string) => ({ name, version: '1', release: '1', arch: 'unknown' })
const component = (name: string) => ({ ...distro(name), checksum: '', kind: 'unknown' })
const test = (tag: string, status: string | null, more = {}) => ({ tag, status, started: ago(60), ...more })
const bytes = (value: object) => new TextEncoder().encode(JSON.stringify(value))
const directions = (fields: readonly string[]) => fields.flatMap((field) => [field, `-${field}`])

/** A client that notes what it asks, and to which no answer may be a refusal. */
class Visitor {
  /** `METHOD /path/` */
  readonly asked = new Set<string>()

  constructor(private readonly client: Client) {}

  async ask(method: string, path: string, body?: unknown, by = this.client): Promise<Reply> {
    this.asked.add(`${method} ${path.split('?')[0]}`)
    const reply =
      body instanceof Uint8Array
        ? await by.request(method, path, { body: new Uint8Array(body) })
        : await by.send(method, path, body)
    if (reply.status < 400) return reply
    throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  }

  get(path: string) {
    return this.ask('GET', path)
  }

  post(path: string, body: unknown) {
    return this.ask('POST', path, body)
  }

  /** @returns the path of what was added */
  async add(path: string, body: unknown): Promise<string> {
    const { headers } = await this.post(path, body)
    return new URL(headers.get('location') ?? '').pathname
  }

  async change(path: string, body: unknown): Promise<void> {
    await this.get(path)
    await this.ask('PUT', path, body)
    await this.ask('PATCH', path, body)
  }

  /** The first, the middle and the last pages, which are read from different ends. */
  async pages(path: string): Promise<void> {
    const url = `${path}${path.includes('?') ? '&' : '?'}page_size=1`
    const { count } = (await this.get(url)).body
    for (const page of new Set([Math.ceil(count / 2), count - 1])) {
      if (page > 1) await this.get(`${url}&page=${page}`)
    }
    await this.get(`${url}&page=last`)
  }
}

/** @returns what was asked, as `METHOD /path/` */
export async function tour(server: TestServer): Promise<Set<string>> {
  const visitor = new Visitor(server.client)
  const environment = await addThings(visitor)
  await addJobs(visitor, environment)
  await addBelow(visitor)
  await importJobs(visitor)
  await moveJobs(server, visitor)
  await listJobs(visitor)
  await compareJobs(server, visitor, environment)
  await searchTests(server, visitor)
  await analyseRuns(server, visitor, environment)
  await judgeJobs(server, visitor, environment)
  await triageFailures(server, visitor)
  await knowIssues(server, visitor)
  await speakResultsdb(visitor)
  await manageUsers(server, visitor)
  await runCommands(server, visitor)
  return visitor.asked
}

async function addThings(visitor: Visitor): Promise<number> {
  const lists: [string, (name: string) => object][] = [
    ['/softwarecomponentkinds/', (name) => ({ name })],
    ['/softwarecomponentarches/', (name) => ({ name })],
    ['/softwarecomponents/', component],
    ['/linuxdistros/', distro],
    [
      '/testenvironments/',
      (name) => ({ distro: distro(name), installed_software_components: [component(name)] }),
    ],
  ]
  for (const [path, make] of lists) {
    const thing = await visitor.add(path, make('a'))
    await visitor.change(thing, make('b'))
    for (const name of ['c', 'd']) await visitor.add(path, make(name))
    await visitor.pages(path)
    await visitor.ask('DELETE', thing)
  }
  const made = await visitor.add('/testenvironments/', {
    distro: distro('e'),
    installed_software_components: [],
  })
  const id = Number(made.split('/').at(-2))
  await visitor.get(`/testenvironments/steps/?steps=${id - 1}:${id},${id}:${id}`)
  return id
}

async function addJobs(visitor: Visitor, environment: number): Promise<void> {
  for (const [index, status] of ['PASS', 'FAIL', 'ERROR', 'RUNNING', null].entries()) {
    await visitor.add('/jobs/', {
      id: `a${index}`,
      description: `nightly kernel ${index}`,
      status,
      time: ago(3600 * index),
      activities: [{ activity: 'SETUP', time: ago(5) }],
      tests: [
        test('1-boot', 'PASS'),
        test('2-boot', 'FAIL', { fail_reason: 'x' }),
        test('3-run', null, { environment }),
        test('4-hang', 'INTERRUPTED', { fail_reason: 'Timed out after 60 s' }),
      ],
    })
  }
  const many = Array.from({ length: MANY }, (_, index) => test(`${index}-many`, 'PASS'))
  await visitor.add('/jobs/', { id: 'many', tests: many, labels: { host: 'rack7' } })
  await visitor.change('/jobs/a1/', {
    description: 'changed',
    labels: { plan: 'a' },
    time: ago(7200),
    status: 'PASS',
  })
}

async function addBelow(visitor: Visitor): Promise<void> {
  for (const owner of ['/jobs/a1', '/jobs/a1/tests/1-boot']) {
    const data = await visitor.add(`${owner}/data/`, { key: 'k', value: 'v' })
    await visitor.change(data, { key: 'l', value: 'w' })
    const activity = await visitor.add(`${owner}/activities/`, { activity: 'A', time: ago(1) })
    await visitor.change(activity, { activity: 'B', time: ago(1) })
    for (const path of [data, activity]) {
      await visitor.pages(path.replace(/\d+\/$/, ''))
      await visitor.ask('DELETE', path)
    }
  }
  await visitor.add('/jobs/a1/activity/', { activity: 'old', time: ago(3) })
  await visitor.add('/jobs/a1/test_activity/', {
    test_tag: 'new',
    activity: 'END',
    status: 'PASS',
    time: ago(2),
  })
  await visitor.add('/jobs/a4/test_activity/', { test_tag: 'new', activity: 'START', time: ago(2) })
  const added = await visitor.add('/jobs/a1/tests/', test('4-added', 'WARN'))
  await visitor.change(added, test('5-added', 'PASS'))
  // The whole of a long reason is a file, until the reason is another one.
  for (const fail_reason of ['x'.repeat(70_000), 'x']) await visitor.ask('PATCH', added, { fail_reason })
  await visitor.ask('DELETE', added)
}

async function importJobs(visitor: Visitor): Promise<void> {
  // A test that fails, the same with another status and log, and the same again from a source that knows no numbers.
  for (const [id, status, log] of [
    ['1-boot', 'FAIL', 'begins'],
    ['1-boot', 'ERROR', 'ends'],
    ['boot', 'ERROR', undefined],
  ]) {
    const tests = [{ id, status, fail_reason: 'x', actual_time_start: 1_795_518_000, logdir: '/lab/1-boot' }]
    const entries = [
      { name: 'job/results.json', content: JSON.stringify({ job_id: 'imported', total: 2, tests }) },
      { name: 'job/sysinfo/pre/installed_packages', content: 'kernel-6.1-1.x86_64\n' },
      { name: 'job/sysinfo/pre/hostname', content: 'rack7\n' },
    ]
    if (log)
      entries.push(
        { name: 'job/job.log', content: log },
        { name: 'job/full.log', content: 'begins' },
        { name: 'job/test-results/1-boot/debug.log', content: log },
      )
    await visitor.post('/imports/', tar(entries))
  }
  for (const owner of ['/jobs/imported', '/jobs/imported/tests/1-boot']) {
    await visitor.pages(`${owner}/files/`)
    const { results } = (await visitor.get(`${owner}/files/`)).body
    for (const { url } of results) await visitor.get(new URL(url).pathname)
  }
  // It runs, until nothing is heard of it.
  await visitor.post('/imports/', bytes({ id: 'runs', running: true, tests: [{ tag: '1-boot' }] }))
  // Live first, and then the file that knows the suite; and a test that had not started when they were counted.
  await visitor.post('/imports/', bytes({ id: 'late', tests: [{ tag: 'slow-1-boot' }] }))
  const named = [{ id: 'slow-1-boot', name: 'boot' }]
  await visitor.post('/imports/', bytes({ job_id: 'late', total: 2, tests: named }))
  await visitor.post('/imports/', bytes({ id: 'late', tests: [{ tag: 'slow-2-boot' }] }))
}

async function listJobs(visitor: Visitor): Promise<void> {
  for (const path of [
    '/',
    '/version/',
    '/health/',
    '/ready/',
    '/metrics/',
    '/upload.sh',
    '/statistics/',
    '/statistics/failing/',
    '/jobs/summary/',
  ]) {
    await visitor.get(path)
  }
  for (const path of ['/jobstatuses/', '/teststatuses/']) {
    await visitor.pages(path)
    await visitor.get(`${path}1/`)
  }
  for (const interval of ['hour', 'day', 'week', 'month']) {
    await visitor.get(`/statistics/history/?interval=${interval}&${RANGE}`)
  }
  const one = [
    'status=FAIL,none',
    'outcome=FAIL,unfinished',
    'search=nightly',
    'running=true',
    'running=false',
    RANGE,
  ]
  const filters = ['', ...one, ...one.map((filter) => `${filter}&status=PASS`), one.join('&')]
  for (const ordering of ['', ...directions(jobOrderings), 'status,-time', '-failures,id']) {
    for (const filter of filters) await visitor.pages(`/jobs/?ordering=${ordering}&${filter}`)
  }
  for (const filter of scopes) {
    for (const ordering of ['', '-time', 'id', '-failures,id']) {
      await visitor.pages(`/jobs/?ordering=${ordering}&${filter}`)
    }
    for (const other of ['search=nightly', 'running=true', 'running=false', 'status=PASS', RANGE]) {
      await visitor.get(`/jobs/?${filter}&${other}`)
    }
  }
  await visitor.get('/jobs/?omit=tests,activities&include=outcomes,environment')
  // By id, by number, by the beginning of an id.
  for (const job of ['a1', '2', 'imp']) {
    for (const path of ['/', '/passrate/', '/testcount/', '/tests/summary/'])
      await visitor.get(`/jobs/${job}${path}`)
  }
  for (const ordering of ['', ...directions(testOrderings), 'severity,-id']) {
    for (const filter of ['', 'status=FAIL,SKIP,none', 'search=boot', 'include=details']) {
      await visitor.pages(`/jobs/a1/tests/?ordering=${ordering}&${filter}`)
    }
  }
  await visitor.get('/jobs/a1/tests/1-boot/')
  await visitor.pages('/jobs/a1/tests/1-boot/history/')
  for (const filter of scopes) {
    await visitor.pages(`/jobs/a1/tests/?${filter}`)
    await visitor.pages(`/jobs/a1/tests/1-boot/history/?${filter}`)
  }
}

/** Labels that move a job, and tests that move the environment of theirs. */
async function moveJobs(server: TestServer, visitor: Visitor): Promise<void> {
  for (const labels of [{ host: 'rack9', branch: 'main' }, { host: null }, { plan: 'b' }]) {
    await visitor.ask('PATCH', '/jobs/imported/', { labels })
  }
  await visitor.get('/hosts/rack7/')
  await visitor.ask('PATCH', '/hosts/rack7/', { name: 'rack8' })
  await renameHosts(server.database)
  await visitor.ask('PATCH', '/hosts/rack8/', { name: 'rack7' })
  await renameHosts(server.database)
  for (const key of ['', 'host/', 'branch/', 'plan/', 'arch/', 'distro/', 'kernel/']) {
    await visitor.pages(`/labels/${key}`)
  }
  await visitor.pages('/labels/plan/?search=b')
  const ids: string[] = []
  for (const name of ['x', 'y']) {
    const made = await visitor.add('/testenvironments/', { distro: distro(name) })
    ids.push(made.split('/').at(-2) as string)
  }
  const tests = await Promise.all(
    ids.map((environment, index) =>
      visitor.add('/jobs/a0/tests/', test(`${index}-env`, 'PASS', { environment })),
    ),
  )
  await visitor.ask('PATCH', tests[0] as string, { environment: ids[1] })
  // So many that the writer adds them together.
  const together = await server.database.read(getJobRef, 'a0')
  const added = await Promise.all(
    Array.from({ length: 8 }, (_, index) => ({ tag: `${index}-together` })).map((value) =>
      server.database.write(addTest, { job: together.job, value, now: NOW }),
    ),
  )
  tests.push(...added.map(({ id }) => `/jobs/a0/tests/${id}/`))
  for (const path of tests) await visitor.ask('DELETE', path)
  await server.database.read(
    ownQuery(async (connection) =>
      runsInScope(
        connection,
        await resolveScope(connection, { labels: [], environments: [], components: [] }),
        [{ job: 1, environment: 1 }],
      ),
    ),
  )
}

/** Jobs of two hosts that break one after the other, with every rule for the job to compare with. */
async function compareJobs(server: TestServer, visitor: Visitor, environment: number): Promise<void> {
  const updated = await visitor.add('/testenvironments/', {
    distro: distro('e'),
    installed_software_components: [component('new')],
  })
  const environments = [environment, Number(updated.split('/').at(-2))]
  for (const [host, breaks] of [
    ['rack8', 8],
    ['rack9', 10],
  ] as const) {
    for (let night = 0; night <= 10; night++) {
      const isBroken = night >= breaks
      const started = ago(3600 * (90 - night))
      const run = (name: string, status: string) =>
        test(name, status, {
          ...{ started, elapsed_time: 10 * (night + 1), environment: environments[Number(isBroken)] },
          ...(status === 'FAIL' && { fail_reason: `no ${name}` }),
        })
      await visitor.add('/jobs/', {
        ...{ id: `${host}-night-${night}`, time: started, status: 'FAIL' },
        labels: { host, branch: 'main', plan: 'nightly' },
        tests: [
          run('1-a;x', isBroken ? 'FAIL' : 'PASS'),
          run('2-b', night % 3 === 0 ? 'FAIL' : 'PASS'),
          run('3-c', 'PASS'),
          run('4-d', 'INTERRUPTED'),
        ],
      })
    }
  }
  await refresh(server.services)
  const job = 'rack9-night-10'
  for (const base of ['', 'rack8-night-0', 'last_good', 'label:plan:nightly']) {
    await visitor.get(`/jobs/compare/?job=${job}&base=${base}`)
  }
  await visitor.pages(`/jobs/compare/?job=${job}&base=rack9-night-9&class=changed`)
  await visitor.get('/jobs/compare/file/?job=late&base=imported&path=sysinfo/pre/installed_packages')
  await visitor.get('/jobs/compare/file/?job=late&base=imported&path=job.log')
  for (const test of ['1-boot', '2-boot', '3-run']) await visitor.get(`/jobs/a0/tests/${test}/verdict/`)
  for (const columns of ['host', 'kernel', 'job']) await visitor.get(`/matrix/?columns=${columns}`)
  await visitor.pages('/matrix/?tests=boot&failing=true&label=host:rack7&days=90')
}

async function searchTests(server: TestServer, visitor: Visitor): Promise<void> {
  nameTemplate(server.database.path)
  const one = [
    ...[
      'search=boot',
      'search=many',
      'search=boot x',
      'suite=slow',
      'name=boot',
      'variant=x',
      'testcase=boot',
    ],
    ...[
      'reason=x',
      'template=1',
      'host=rack7',
      'branch=main',
      'label=plan:a',
      'environment=1',
      'component=a>=1',
    ],
  ]
  const pairs = one.flatMap((left, index) => one.slice(index + 1).map((right) => `${left}&${right}`))
  for (const filter of ['', ...one, ...pairs]) {
    await visitor.get(`/tests/?${filter}`)
    await visitor.get(`/tests/runs/?${filter}`)
  }
  for (const ordering of directions(testcaseOrderings)) await visitor.pages(`/tests/?ordering=${ordering}`)
  for (const filter of [
    'status=FAIL',
    'outcome=failed',
    'job=a1',
    'days=3',
    'since=2026-11-01T00:00',
    'name=b',
    '',
  ]) {
    const { next } = (await visitor.get(`/tests/runs/?page_size=1&${filter}`)).body
    if (next) await visitor.get(next.slice(next.indexOf('/tests/')))
  }
  await visitor.get('/tests/?days=1&until=2026-01-01T00:00')
  await visitor.pages('/tests/reasons/')
  await visitor.get('/tests/reasons/?search=x')
}

/** With a regression, and a window that moves on. */
async function analyseRuns(server: TestServer, visitor: Visitor, environment: number): Promise<void> {
  const { services } = server
  const updated = await visitor.add('/testenvironments/', {
    distro: distro('e'),
    installed_software_components: [component('updated')],
  })
  const environments = [environment, Number(updated.split('/').at(-2))]
  const fails = { status: 'FAIL', fail_reason: 'rack7 is lost' }
  for (let night = 20; night > 0; night--) {
    await visitor.post('/jobs/', {
      ...{ id: `lost-${night}`, time: ago(night * 86_400), labels: { host: 'rack7', branch: 'main' } },
      tests: [
        {
          tag: '1-lost;a',
          ...(night > 5 ? { status: 'PASS' } : fails),
          environment: environments[night % 2],
        },
        { tag: '2-lost;a', status: 'PASS' },
        ...(night === 6 ? [{ tag: '4-gone', status: 'INTERRUPTED', fail_reason: 'Timeout reached' }] : []),
        { tag: '3-gone', ...(night > 5 ? { status: 'PASS' } : fails) },
      ],
    })
    await refresh(services)
  }
  const owners = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal']
  await visitor.post('/jobs/', {
    id: 'owners',
    tests: owners.map((name, at) =>
      test(`${at}-owned`, 'FAIL', { fail_reason: `The disk of ${name} is gone` }),
    ),
  })
  await refresh(services)
  const tests = Array.from({ length: 1100 }, (_, at) => ({ tag: `${at}-case${at}`, status: 'PASS' }))
  await visitor.post('/jobs/', { id: 'wide', tests })
  for (const [id, labels] of [
    ['report', { host: 'rack7' }],
    ['other-report', { host: 'rack7' }],
    ['without-host', { host: 'localhost' }],
  ] as const) {
    const timed = ['x', 'y', 'z'].map((name) => test(`1-timed-${name}`, 'PASS', { elapsed_time: 1.5 }))
    await visitor.post('/jobs/', { id, status: 'PASS', labels, tests: timed })
  }
  await refresh(services)
  await visitor.post('/jobs/', {
    id: 'at-once',
    tests: ['ear', 'eye'].map((name) => test(`1-${name}`, 'FAIL', { fail_reason: `The ${name} is sore` })),
  })
  await refresh(services)
  for (const query of [
    '',
    'all=true',
    'name=lost&ordering=-cost_seconds',
    'testcase=lost&days=30',
    'until=2030-01-01T00:00Z',
  ])
    await visitor.pages(`/flaky/?${query}`)
  for (const scope of scopes) await visitor.get(`/flaky/?${scope}`)
  for (const query of [
    '',
    'search=is lost',
    'testcase=lost',
    'host=rack7',
    'testcase=lost&host=rack7',
    'ordering=-failures',
  ])
    await visitor.pages(`/clusters/?${query}`)
  await visitor.ask('PUT', '/jobs/owners/verdict/', { verdict: 'infrastructure' })
  const [cluster] = (await visitor.get('/clusters/?days=90')).body.results
  await visitor.ask('DELETE', '/jobs/owners/verdict/')
  await visitor.get(`/clusters/${cluster.id}/`)
  await visitor.pages(`/clusters/${cluster.id}/jobs/`)
  const spoiled = openConnection(server.database.path)
  spoiled.database.run('UPDATE job SET distro = NULL')
  spoiled.close()
  await repairAnalyses({ database: server.database, clock: () => server.now })
  await visitor.ask('DELETE', '/jobs/other-report/')
  await refresh(services)
  for (const filter of ['', 'host=rack7', 'outcome=failed', 'run=1', 'days=3', 'component=a>=1']) {
    const { next } = (
      await visitor.get(`/tests/history/?name=lost&page_size=2&${filter.replace('run=1', '')}`)
    ).body
    if (next) await visitor.get(next.slice(next.indexOf('/tests/')))
  }
  const { body } = await visitor.get('/jobs/lost-3/')
  await visitor.get(`/tests/history/?name=lost&run=${body.tests[0].id}`)
  const [found] = (await visitor.get('/regressions/')).body.results
  await visitor.get(`/regressions/${found.id}/`)
  for (const filter of ['state=open', 'state=open,fixed', 'testcase=lost', `template=${found.template_id}`]) {
    for (const more of [
      ...['', `since=2026-11-01T00:00`, 'host=rack7', 'branch=main', 'host=rack7,!rack8', 'label=!plan'],
      ...['label=kernel:6', 'environment=1,2', 'component=a>=1'],
    ]) {
      await visitor.get(`/regressions/?${filter}&${more}`)
    }
  }
  for (const night of [1, 2, 3, 4, 5])
    await visitor.ask('PATCH', `/jobs/lost-${night}/tests/1-lost;a/`, { status: 'PASS' })
  await refresh(services)
  await visitor.ask('DELETE', '/jobs/lost-20/')
  server.now += 100 * 86_400 * 1_000_000
  await refresh(services)
  server.now = NOW
  const connection = openConnection(server.database.path)
  connection.database.run(`INSERT INTO task VALUES ('analyse all test cases', '{"testcase":0,"of":9}')`)
  connection.close()
  await refresh(services)
}

/** As the background does. */
function nameTemplate(path: string): void {
  const connection = openConnection(path)
  connection.database.run("INSERT OR IGNORE INTO template (id, hash, text) VALUES (1, x'00', 'x')")
  connection.database.run("UPDATE fail_reason SET template = 1 WHERE text = 'x'")
  connection.close()
}

/** A bad night, on a host whose packages change, that is mended; and what somebody says of it. */
async function judgeJobs(server: TestServer, visitor: Visitor, environment: number): Promise<void> {
  const night = (ago_: number, status: string, more: object = {}) =>
    visitor.post('/jobs/', {
      ...{ id: `night-${ago_}`, status: 'PASS', time: ago(ago_ * 86_400), labels: { host: 'rack9' } },
      tests: ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => ({ tag: `${at}-${name}`, status, ...more })),
    })
  const updated = await visitor.add('/testenvironments/', {
    distro: distro('e'),
    installed_software_components: [component('judged')],
  })
  const environments = [environment, Number(updated.split('/').at(-2))]
  await night(5, 'PASS', { environment: environments[0] })
  await night(4, 'ERROR', { environment: environments[0], fail_reason: 'rack9 is lost' })
  await settle(server)
  await night(3, 'PASS', { environment: environments[1] })
  await night(-30, 'PASS')
  await settle(server)
  await visitor.get('/jobs/night-4/verdict/')
  for (const filter of ['', '&host=rack9', '&blame=host', '&include=infrastructure'])
    await visitor.get(`/hosts/?days=90&ordering=-failed_rate${filter}`)
  await visitor.get('/triage/?since=looked&looked_at=2026-11-01T00:00')
  await visitor.ask('PUT', '/jobs/night-4/verdict/', { verdict: 'none' })
  await visitor.ask('DELETE', '/jobs/night-4/verdict/')
  const spoiled = openConnection(server.database.path)
  spoiled.database.run('UPDATE job_verdict SET broken = 99')
  spoiled.close()
  await settle(server)
  await repairAnalyses({ database: server.database, clock: () => server.now })
  await visitor.ask('PATCH', '/jobs/night-4/tests/0-a/', { status: 'PASS' })
  await visitor.ask('PATCH', '/jobs/night-4/tests/1-b/', { status: 'PASS' })
  await settle(server)
}

async function triageFailures(server: TestServer, visitor: Visitor): Promise<void> {
  // A test that fails for the first time.
  for (const [hours, status] of [
    [40, 'PASS'],
    [1, 'FAIL'],
  ] as const) {
    const started = ago(3600 * hours)
    const tests = [
      test('1-steady', status, { started, ...(status === 'FAIL' && { fail_reason: 'no steady' }) }),
    ]
    await visitor.add('/jobs/', { id: `steady-${status}`, time: started, labels: { host: 'rack8' }, tests })
  }
  await settle(server)
  for (const filter of [
    '',
    '&since=looked&looked_at=2026-11-01T00:00',
    '&host=rack8',
    '&label=!branch:main&environment=1',
  ]) {
    const path = `/triage/?since=2026-01-01T00:00${filter}`
    const { body } = await visitor.get(path)
    for (const group of ['new', 'still_failing', 'fixed', 'never_passed', 'flaky']) {
      await visitor.pages(`${path}&group=${group}`)
      for (const { id } of body[group].results)
        await visitor.get(path.replace('/triage/', `/triage/${id}/tests/`))
    }
  }
  await visitor.get('/triage/?since=a1')
  await visitor.get('/triage/looked/')
  await visitor.post('/triage/looked/', {})
}

/** With a rule of each kind, on failures that are there and that come. */
async function knowIssues(server: TestServer, visitor: Visitor): Promise<void> {
  const subject = { report_subject: 'known' }
  const rules = [
    { pattern: 'no (steady|a)', component: 'a>=1', host: 'rack8' },
    { template: 'x', testcase: 'b*', variant: 'x' },
    { template: 'no such reason' },
  ]
  const paths: string[] = []
  for (const rule of rules) {
    paths.push(await visitor.add('/known-issues/', { ...rule, ...subject }))
    await settle(server)
  }
  const [first = ''] = paths
  await visitor.ask('PATCH', first, { pattern: 'no steady', component: null })
  await settle(server)
  const started = ago(60)
  const tests = [test('1-steady', 'FAIL', { started, fail_reason: 'no steady' })]
  await visitor.add('/jobs/', { id: 'known', time: started, labels: { host: 'rack8' }, tests })
  await settle(server)
  for (const filter of ['', 'state=open', 'search=known', 'template=1', 'testcase=steady']) {
    await visitor.pages(`/known-issues/?${filter}`)
  }
  await visitor.get(first)
  await visitor.pages(`${first}incidents/`)
  await visitor.post('/known-issues/import/', (await visitor.get('/known-issues/export/')).body)
  const own = { pattern: 'no steady', ...subject, report_url: 'https://bugs.example/1' }
  await visitor.post('/known-issues/import/', { known_issues: [own] })
  await settle(server)
  const spoiled = openConnection(server.database.path)
  spoiled.database.run('UPDATE known_issue_case SET incidents = incidents + 1')
  spoiled.close()
  await repairIncidents(server.database)
  await visitor.ask('DELETE', '/jobs/known/')
  await visitor.ask('DELETE', '/jobs/steady-FAIL/')
  await settle(server)
  for (const path of paths.slice(1)) await visitor.ask('DELETE', path)
  await settle(server)
  await sayThings(visitor)
  await settle(server)
}

/** About things of each kind. */
async function sayThings(visitor: Visitor): Promise<void> {
  const [regression] = (await visitor.get('/regressions/')).body.results
  const about = [
    { job: 'a0', test: '2-boot' },
    { regression: regression.id },
    { cluster: regression.template_id ?? 1 },
  ]
  for (const thing of about) {
    const parameters = Object.entries(thing)
      .map(([name, value]) => `${name}=${value}`)
      .join('&')
    const comment = await visitor.add('/comments/', { ...thing, text: 'See https://bugs.example/2' })
    await visitor.get(comment)
    for (const text of ['See https://bugs.example/3', 'No link', 'See https://bugs.example/4']) {
      await visitor.ask('PATCH', comment, { text })
    }
    const claim = await visitor.add('/claims/', thing)
    await visitor.add('/claims/', { ...thing, state: 'false_alarm' })
    await visitor.get(claim)
    for (const list of ['/comments/', '/claims/']) await visitor.pages(`${list}?${parameters}`)
    for (const list of ['/comments/', '/claims/']) await visitor.pages(list)
    await visitor.get('/triage/?since=2026-01-01T00:00')
    await visitor.ask('DELETE', comment)
    await visitor.ask('DELETE', claim)
  }
}

async function speakResultsdb(visitor: Visitor): Promise<void> {
  const api = '/api/v2.0'
  const group = (await visitor.post(`${api}/groups`, { description: 'g', ref_url: 'http://lab/' })).body.uuid
  await visitor.post(`${api}/groups`, { uuid: group, description: 'h', ref_url: 'http://lab/1' })
  await visitor.post(`${api}/groups`, { uuid: group, description: 'g', ref_url: 'http://lab/' })
  const data = { status: 'PASS', logdir: '/lab/1-boot', host: ['h1', 'h2'] }
  const result = { outcome: 'PASSED', testcase: 'boot', groups: [group, 'another'], data }
  const { id } = (await visitor.post(`${api}/results`, result)).body
  await visitor.post(`${api}/testcases`, { name: 'boot' })
  for (const path of [
    `groups/${group}`,
    `results/${id}`,
    'testcases/boot',
    'testcases',
    'testcases?name:like=bo*',
  ]) {
    await visitor.get(`${api}/${path}`)
  }
  for (const filter of ['', `uuid=${group}`, `uuid=${group},other`, 'description=g', 'description:like=g*']) {
    await visitor.get(`${api}/groups?page=1&${filter}`)
  }
  const filters = [
    ...[
      'outcome=PASSED',
      'testcases=boot',
      'testcases=boot,run',
      'testcases:like=bo*',
      `groups=${group},other`,
    ],
    ...[
      'since=2026-11-01',
      'since=2026-11-01,2026-12-01',
      'status=PASS',
      'status=PASS,FAIL',
      'status:like=P*',
    ],
  ]
  const pairs = filters.flatMap((one) => filters.map((other) => `${one}&${other}`))
  for (const filter of ['', ...filters, ...pairs]) {
    await visitor.get(`${api}/results?limit=1&page=1&${filter}`)
    await visitor.get(`${api}/results/latest?${filter}`)
  }
}

async function manageUsers(server: TestServer, visitor: Visitor): Promise<void> {
  await server.setPassword(PASSWORD)
  const browser = await signIn(server.stranger, 'admin', PASSWORD)
  visitor.asked.add('POST /auth/login/')
  await visitor.ask('GET', '/auth/me/', undefined, browser)
  const user = await visitor.add('/users/', { username: 'ann', password: PASSWORD })
  await visitor.get(user)
  await visitor.pages('/users/')
  for (const role of ['administrator', 'reporter']) await visitor.ask('PATCH', user, { role })
  await reportResults(server, visitor, user)
  const token = await visitor.add(`${user}tokens/`, { label: 'l' })
  await visitor.get(token)
  await visitor.pages(`${user}tokens/`)
  await visitor.ask('DELETE', token)
  const passwords = { current_password: PASSWORD, new_password: `${PASSWORD}!` }
  await visitor.ask('POST', '/auth/password/', passwords, browser)
  await visitor.ask('POST', '/auth/logout/', {}, browser)
  await readAudit(server, visitor)
}

/** As somebody who changes only what he made. */
async function reportResults({ stranger }: TestServer, visitor: Visitor, user: string): Promise<void> {
  const { token } = (await visitor.post(`${user}tokens/`, { role: 'reporter' })).body
  const reporter = stranger.with({ authorization: `Bearer ${token}` })
  await visitor.ask('POST', '/jobs/', { id: 'reported' }, reporter)
  await visitor.ask('PATCH', '/jobs/reported/', { status: 'PASS' }, reporter)
}

async function readAudit({ stranger, database }: TestServer, visitor: Visitor): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await stranger.as('admin', 'wrong').get('/jobs/')
    await visitor.pages('/audit/')
  }
  for (const filter of ['user=ann', 'action=deleted', 'address=127.0.0.1', RANGE, `user=ann&${RANGE}`]) {
    await visitor.pages(`/audit/?${filter}`)
  }
  await database.write(deleteOldEntries, { before: 0 })
}

async function runCommands(server: TestServer, visitor: Visitor): Promise<void> {
  const { database, files } = server
  await checkFiles(await database.read(ownQuery(async (connection) => connection)), files, { hashing: true })
  await forgetFiles(database.path)
  const data = Array.from({ length: 600 }, (_, index) => ({ key: `${index}`, value: 'x' }))
  const tests = Array.from({ length: 1001 }, (_, index) => ({ tag: `${index}`, ...(index < 2 && { data }) }))
  await visitor.ask('POST', '/jobs/', { id: 'large', tests })
  await visitor.get('/tests/?host=!rack7')
  await visitor.ask('POST', '/jobs/large/data/', { key: 'a', value: 'x' })
  await visitor.ask('PATCH', '/jobs/large/', { time: '2026-11-01T00:00:00Z' })
  await visitor.ask('DELETE', '/jobs/large/tests/0/')
  await resumeRetiming(database)
  await settle(server)
  for (const job of ['many', 'imported', 'large']) await visitor.ask('DELETE', `/jobs/${job}/`)
  await settle(server)
  const context = { database, files, log: pino({ level: 'silent' }) }
  await sweepHiddenJobs(context)
  await sweepHiddenEnvironments(context)
  await sweepFiles(context)
  await database.write(expireStaleJobs, { now: NOW + 11 * 60 * 1_000_000 })
  database.checkOtherProcesses()
  await database.read(hasUsers)
  await database.read(listAllTokens)
  await fillTheSearch(database)
  await maskSecrets({ database, files })
}

/** As after the upgrade of a database that has no words of test cases and reasons yet. */
async function fillTheSearch(database: TestServer['database']): Promise<void> {
  const connection = openConnection(database.path)
  for (const name of ['testcase_search', 'reason_search'])
    connection.database.run(`INSERT INTO ${name} (${name}) VALUES ('delete-all')`)
  const progress = { testcase: 0, testcases: 100, reason: 0, reasons: 100 }
  connection.database.run("INSERT INTO task VALUES ('fill the search', ?)", [JSON.stringify(progress)])
  connection.close()
  await fillSearchSlowly(database, new AbortController().signal)
}

/** Of texts and files that were stored before secrets were masked. */
async function maskSecrets({ database, files }: Pick<TestServer, 'database' | 'files'>): Promise<void> {
  const secret = 'http://user:password@host'
  const connection = openConnection(database.path)
  const { database: sqlite } = connection
  sqlite.run('UPDATE job SET description = ? WHERE complete = 1', [secret])
  sqlite.run('UPDATE testcase SET text = ? WHERE id = 1', [secret])
  sqlite.run('UPDATE fail_reason SET text = ? WHERE id = 1', [secret])
  sqlite.run('UPDATE template SET text = ? WHERE id = 1', [secret])
  sqlite.run('UPDATE job SET reported_host = ? WHERE complete = 1', [secret])
  sqlite.run('UPDATE host SET name = ? WHERE id = 1', [secret])
  sqlite.run(
    'INSERT INTO file (id, hash, size, stored_size, content, created_at) VALUES (999, ?, 1, 1, ?, 0)',
    [Buffer.from(secret), Buffer.from(secret)],
  )
  for (const path of ['secret', secret]) {
    sqlite.run('INSERT INTO job_file (job, path, file) SELECT min(number), ?, 999 FROM job', [path])
    sqlite.run('INSERT INTO test_file (test, path, file) SELECT min(id), ?, 999 FROM test', [path])
  }
  const job = Number(connection.row('SELECT min(number) FROM job WHERE complete = 1')[0])
  sqlite.run("INSERT OR REPLACE INTO job_label VALUES (?, 'tag', ?), (?, 'host', ?)", [
    job,
    secret,
    job,
    secret,
  ])
  connection.close()
  // As while a server has made the host of the label again.
  const progress = { part: 'job_label', after: 0, until: 0, masked: {} }
  await database.write(maskTexts, { name: 'job_label', ids: [job], progress })
  await database.write(endRedaction, {})
  await redact({ database, files, now: () => NOW, dryRun: false })
}

/** As a backup does in its copy with the contents that are not there any more. */
async function forgetFiles(path: string): Promise<void> {
  const connection = openConnection(path)
  connection.execute('BEGIN')
  await storedFiles(connection, { after: 0, limit: 10 })
  await forgetFile(connection, 1)
  connection.execute('ROLLBACK')
  connection.close()
}
