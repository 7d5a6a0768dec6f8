// Passwords and tokens in what comes in are not to be read by anybody: by every road, and in every text.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { withServer } from '../support/server'
import { tar } from './archives'

const server = withServer()

const SECRET = 'http://admin:PASSWORD@lab:9405'
const MASKED = 'http://admin:********@lab:9405'
const ID = 'a'.repeat(40)

const testOf = (fields: object) => ({
  id: '1-a.py:A.test',
  name: 'a.py:A.test',
  status: 'FAIL',
  fail_reason: `no answer of ${SECRET}`,
  whiteboard: SECRET,
  tags: {},
  logdir: '/x/test-results/1-a.py_A.test',
  ...fields,
})
const results = (...tests: object[]) =>
  JSON.stringify({ job_id: ID, debuglog: '/x/job.log', total: tests.length, tests })

/** All that anybody can read of the server's jobs. */
async function everything(): Promise<string> {
  const texts: string[] = []
  const files = async (list: string) => {
    for (const { url } of await server.stranger.all(list)) {
      texts.push(Buffer.from(await server.stranger.bytes(new URL(url).pathname)).toString('latin1'))
    }
  }
  for (const job of await server.stranger.all('/jobs/')) {
    texts.push(JSON.stringify(job), JSON.stringify(await server.stranger.all(`/jobs/${job.id}/data/`)))
    await files(`/jobs/${job.id}/files/`)
    for (const { id } of job.tests) {
      const place = `/jobs/${job.id}/tests/${id}/`
      texts.push(JSON.stringify((await server.stranger.get(place)).body))
      texts.push(JSON.stringify(await server.stranger.all(`${place}activities/`)))
      texts.push(JSON.stringify(await server.stranger.all(`${place}data/`)))
      await files(`${place}files/`)
    }
  }
  texts.push(JSON.stringify(await server.stranger.all('/testenvironments/')))
  return texts.join('\n')
}

const send = (body: string | Uint8Array<ArrayBuffer>, query = '') =>
  server.client.request('POST', `/imports/${query}`, { body })

test('an archive: the command line, args.json, logs, a journal and a reason are masked; lengths are kept', async () => {
  const cmdline = `['avocado', 'run', '--result-upload-url', '${SECRET}', '/bin/true']`
  const log = `${'x'.repeat(100_000)}\nCommand line: avocado run --result-upload-url ${SECRET}\n${'y'.repeat(100_000)}`
  const archive = tar([
    { name: 'results.json', content: results(testOf({})) },
    { name: 'jobdata/cmdline', content: cmdline },
    { name: 'jobdata/args.json', content: JSON.stringify({ url: SECRET }).replaceAll('/', '\\/') },
    { name: 'job.log', content: log },
    { name: 'sysinfo/pre/cmdline', content: `quiet url=${SECRET}` },
    { name: 'sysinfo/pre/installed_packages', content: `pkg-1.0-1@${SECRET}` },
    { name: 'test-results/1-a.py_A.test/debug.log', content: SECRET },
  ])
  expect((await send(archive)).status).toBe(201)
  const file = async (path: string) =>
    Buffer.from(await server.stranger.bytes(`/jobs/${ID}/files/${path}`)).toString()
  expect(await file('jobdata/cmdline')).toBe(cmdline.replace(SECRET, MASKED))
  expect(await file('job.log')).toBe(log.replace(SECRET, MASKED))
  expect(await everything()).not.toContain('PASSWORD')
  expect(await everything()).toContain(`no answer of ${MASKED}`)
  const { body } = await send(archive)
  const [{ tests, files }] = body.jobs
  expect({ tests, added: files.added, changed: files.changed }).toEqual({
    tests: { added: 0, changed: 0, unchanged: 1 },
    added: 0,
    changed: 0,
  })
})

test('a job is still the one that its bytes make it: masked alike, two files are two jobs', async () => {
  const tap = (password: string) => `TAP version 13\n1..1\nnot ok 1 http://a:${password}@h\n`
  const first = await send(tap('ONE'), '?format=tap')
  const second = await send(tap('TWO'), '?format=tap')
  expect([first.status, second.status, (await send(tap('ONE'), '?format=tap')).status]).toEqual([
    201, 201, 200,
  ])
  const line = JSON.stringify({ description: SECRET })
  const { body } = await send(line, '?format=ndjson')
  expect(body.jobs[0].id).toBe(createHash('sha1').update(line).digest('hex'))
  expect(await everything()).not.toMatch(/ONE|TWO|PASSWORD/)
})

test('a text that is cut is masked before: half of a password is one, too', async () => {
  const url = 'http://admin:PASSWORD@lab'
  for (let length = 225; length < 250; length += 3) {
    const name = `${'x'.repeat(length)} ${url}`
    const xml = `<testsuites name="${name}"><testsuite name="s"><properties><property name="${name}" value="1"/></properties><testcase name="t ${length}" classname="${'y'.repeat(length * 4)} ${url}"/></testsuite></testsuites>`
    expect((await send(xml)).status).toBe(201)
  }
  expect(await everything()).not.toMatch(/:P[AS]/)
})

test('labels and a description that the query names are masked', async () => {
  const query = `?description=${encodeURIComponent(SECRET)}&label=ci:${encodeURIComponent(SECRET)}&job=named`
  expect((await send('TAP version 13\n1..1\nok 1 a\n', query)).status).toBe(201)
  const { body } = await server.client.post('/jobs/', { labels: { ci: SECRET } })
  expect(body.labels).toEqual({ ci: MASKED })
  const { body: named } = await server.client.get('/jobs/named/')
  expect({ description: named.description, labels: named.labels }).toEqual({
    description: MASKED,
    labels: { ci: MASKED },
  })
})

test('what tests of an xUnit file wrote is masked', async () => {
  const xml = `<testsuite name="s"><testcase name="t"><system-out>url ${SECRET}</system-out></testcase><system-err>${SECRET}</system-err></testsuite>`
  expect((await send(xml)).status).toBe(201)
  const all = await everything()
  expect(all).toContain(`url ${MASKED}`)
  expect(all).not.toContain('PASSWORD')
})

test('two tests whose names differ by a password of the same length are two', async () => {
  const id = (number: number, password: string) => `${number}-curl http://a:${password}@h;v`
  const tests = ['ONE', 'TWO'].map((password) =>
    testOf({ id: id(1, password), name: id(1, password).slice(2) }),
  )
  const { body } = await send(results(...tests))
  expect(body.jobs[0].tests).toEqual({ added: 2, changed: 0, unchanged: 0 })
  const { body: list } = await server.client.get(`/jobs/${ID}/tests/`)
  expect(list.results.map(({ tag }: { tag: string }) => tag)).toEqual([
    '1-curl http://a:***@h;v',
    '1-curl http://a:***@h;v#2',
  ])
})

test('xUnit, a journal and NDJSON are masked', async () => {
  const xml = `<testsuite name="s"><testcase name="t" classname="c"><failure message="${SECRET}">${SECRET}</failure></testcase></testsuite>`
  expect((await send(xml)).status).toBe(201)
  const journal = new Sqlite(':memory:')
  journal.run('CREATE TABLE job_info (unique_id TEXT UNIQUE)')
  journal.run('CREATE TABLE test_journal (tag TEXT, time TEXT, action TEXT, status TEXT, flushed BOOLEAN)')
  journal.run('INSERT INTO job_info VALUES (?)', [ID])
  const row = [`1-curl ${SECRET}/x`, '2026-11-23T18:20:17', 'STARTED']
  journal.run('INSERT INTO test_journal VALUES (?, ?, ?, NULL, 0)', row)
  expect((await send(new Uint8Array(journal.serialize()))).status).toBe(201)
  const line = JSON.stringify({
    description: SECRET,
    activities: [{ activity: SECRET, time: '2026-11-23T18:20:17Z' }],
    tests: [{ tag: SECRET, status: 'FAIL', fail_reason: SECRET, data: [{ key: SECRET, value: SECRET }] }],
  })
  expect((await send(line, '?format=ndjson')).status).toBe(201)
  expect((await everything()).match(/PASSWORD/)).toBeNull()
})

test('what is posted, changed, or sent by the older roads is masked', async () => {
  const { client } = server
  const time = '2026-11-23T18:20:17Z'
  const token = server.authorization.slice('Bearer '.length)
  const job = await server.makeJob({
    id: 'a1',
    description: SECRET,
    activities: [{ activity: SECRET, time }],
    tests: [{ tag: '1-a', fail_reason: `curl -H 'Authorization: ${server.authorization}'` }],
  })
  expect(job.description).toBe(MASKED)
  const answers = [
    await client.patch('/jobs/a1/', { description: `again ${SECRET}` }),
    await client.post('/jobs/a1/data/', { key: 'url', value: SECRET }),
    await client.post('/jobs/a1/activities/', { activity: `more ${SECRET}`, time }),
    await client.post('/jobs/a1/tests/', { tag: `2-curl ${SECRET}`, status: 'FAIL', fail_reason: token }),
    await client.post(`/jobs/a1/tests/${encodeURIComponent(`2-curl ${SECRET}`)}/data/`, {
      key: SECRET,
      value: token,
    }),
    await client.post('/jobs/a1/tests/1-a/activities/', { activity: SECRET, time }),
    await client.post('/jobs/a1/test_activity/', { test_tag: `2-curl ${SECRET}`, activity: SECRET, time }),
    await client.post('/softwarecomponents/', {
      name: SECRET,
      version: SECRET,
      release: '',
      checksum: '',
      kind: 'unknown',
      arch: 'unknown',
    }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
  expect((await client.get('/jobs/a1/tests/')).body.count).toBe(2)
  const all = (await everything()) + JSON.stringify(await client.all('/softwarecomponents/'))
  expect(all).not.toContain('PASSWORD')
  expect(all).not.toContain(token)
})

test("ResultsDB's results are masked, and sent twice they are one still", async () => {
  const post = (path: string, body: object) => server.client.post(`/api/v2.0/${path}`, body)
  await post('groups', { uuid: ID, description: SECRET, ref_url: SECRET })
  const data = { logdir: `/x/${SECRET}/test-results/1-a.py_A.test`, status: 'FAIL', [SECRET]: SECRET }
  const result = {
    outcome: 'FAILED',
    testcase: `a ${SECRET}`,
    groups: [ID],
    note: SECRET,
    ref_url: SECRET,
    data,
  }
  const first = await post('results', result)
  expect(first.status).toBe(201)
  expect((await post('results', result)).body.id).toBe(first.body.id)
  expect(await everything()).not.toContain('PASSWORD')
})

test('a password of a user is stored as it is, whatever it looks like', async () => {
  const password = 'see //user:PASSWORD@host'
  const { status } = await server.client.post('/users/', { username: 'u', role: 'reporter', password })
  expect(status).toBe(201)
  expect((await server.stranger.as('u', password).post('/jobs/', {})).status).toBe(201)
  const signIn = await server.stranger.post('/auth/login/', { username: 'u', password })
  expect(signIn.status).toBe(200)
})

test('names of files are masked, and two of one length are two', async () => {
  const token = (letter: string) => `avocado_${letter.repeat(42)}a`
  const archive = tar([
    { name: 'results.json', content: results(testOf({ fail_reason: '', whiteboard: '' })) },
    { name: `logs/${token('A')}`, content: 'one' },
    { name: `logs/${token('B')}`, content: 'two' },
  ])
  expect((await send(archive)).status).toBe(201)
  const files = await server.stranger.all(`/jobs/${ID}/files/`)
  const masked = `logs/avocado_${'*'.repeat(43)}`
  expect(files.map(({ path }: { path: string }) => path)).toEqual(
    expect.arrayContaining([masked, `${masked}#2`]),
  )
  expect(await everything()).not.toContain('AAAA')
})
