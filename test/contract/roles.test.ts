// Every request that changes something, by every role, on one's own job and on another's.

import { expect, test } from 'bun:test'
import { type Role, roleNames, roles } from '../../src/lib/roles'
import { changingRequests } from '../support/changing-requests'
import type { Client, Reply } from '../support/client'
import { withSharedServer } from '../support/server'

// Each test names its users and jobs by itself.
const server = withSharedServer()
const answer = (status: number, body: unknown) => ({ status, body, headers: expect.anything() })

type Whose = 'own' | 'other'
/** Who may, by what kind of a thing it is. */
const kinds = {
  /** Adds what is nobody's, or a new job. */
  adds: (role: Role) => role !== 'reader',
  changesJob: (role: Role, whose: Whose) =>
    role === 'administrator' || role === 'member' || (role === 'reporter' && whose === 'own'),
  changesShared: (role: Role) => role === 'administrator' || role === 'member',
  deletes: (role: Role) => role === 'administrator' || role === 'member',
  /** Says something about results. */
  judges: (role: Role) => role === 'administrator' || role === 'member',
  /** What an administrator said. */
  owns: (role: Role) => role === 'administrator',
  administers: (role: Role) => role === 'administrator',
  /** Not by a token, but for administrators: tokens.test.ts has the rest. */
  managesTokens: (role: Role) => role === 'administrator',
  anybody: () => true,
}

interface Row {
  kind: keyof typeof kinds
  /** The body, for a job, in words that no other request of the test has. */
  body?: (job: string, unique: string) => unknown
  status?: number
}

const activity = { activity: 'HAPPENED', time: '2013-05-02T05:00:01Z' }
const datum = { key: 'log', value: 'text' }
const distro = (name: string) => ({ name, version: '17', release: '0', arch: 'unknown' })
const component = (name: string) => ({ ...distro(name), checksum: '', kind: 'unknown' })
const report = (job: string) => ({ job_id: job, debuglog: '/logs/job.log', tests: [] })
const result = (job: string) => ({ outcome: 'PASSED', testcase: 'a', groups: [job] })

/** Things that jobs share, as they are posted. */
const shared: Record<string, (name: string) => object> = {
  softwarecomponentkinds: (name) => ({ name }),
  softwarecomponentarches: (name) => ({ name }),
  softwarecomponents: component,
  linuxdistros: distro,
  testenvironments: (name) => ({ distro: distro(name), installed_software_components: [] }),
}

const knownIssue = (template: string) => ({ template, report_subject: template })
/** Things of people, as they are posted. */
const said: Record<string, (name: string) => object> = { 'known-issues': knownIssue }
const failure = (job: string) => ({ job, test: 't' })

function ofJob(path: string, body: object): Record<string, Row> {
  return {
    [`POST ${path}`]: { kind: 'changesJob', body: () => body },
    [`PUT ${path}{id}/`]: { kind: 'changesJob', body: () => body },
    [`PATCH ${path}{id}/`]: { kind: 'changesJob', body: () => body },
    [`DELETE ${path}{id}/`]: { kind: 'deletes', status: 204 },
  }
}

function ofAll(path: string): Record<string, Row> {
  const body: Row['body'] = (_, unique) => shared[path]?.(unique)
  return {
    [`POST /${path}/`]: { kind: 'adds', body, status: 201 },
    [`PUT /${path}/{id}/`]: { kind: 'changesShared', body },
    [`PATCH /${path}/{id}/`]: { kind: 'changesShared', body },
    [`DELETE /${path}/{id}/`]: { kind: 'deletes', status: 204 },
  }
}

const tests = '/jobs/{job}/tests/'

const rows: Record<string, Row> = {
  'POST /jobs/': { kind: 'adds', status: 201 },
  'PUT /jobs/{job}/': { kind: 'changesJob', body: () => ({ description: 'x' }) },
  'PATCH /jobs/{job}/': { kind: 'changesJob', body: () => ({ description: 'x' }) },
  'PUT /jobs/{job}/verdict/': { kind: 'changesShared', body: () => ({ verdict: 'none' }) },
  // 404: nobody has set one.
  'DELETE /jobs/{job}/verdict/': { kind: 'deletes', status: 404 },
  'DELETE /jobs/{job}/': { kind: 'deletes', status: 204 },
  [`POST ${tests}`]: { kind: 'changesJob', body: () => ({ tag: 'new' }) },
  [`PUT ${tests}{test}/`]: { kind: 'changesJob', body: () => ({ tag: 't', status: 'FAIL' }) },
  [`PATCH ${tests}{test}/`]: { kind: 'changesJob', body: () => ({ status: 'FAIL' }) },
  [`DELETE ${tests}{test}/`]: { kind: 'deletes', status: 204 },
  ...ofJob('/jobs/{job}/activities/', activity),
  ...ofJob('/jobs/{job}/data/', datum),
  ...ofJob(`${tests}{test}/activities/`, activity),
  ...ofJob(`${tests}{test}/data/`, datum),
  'POST /jobs/{job}/activity/': { kind: 'changesJob', body: () => activity },
  'POST /jobs/{job}/test_activity/': { kind: 'changesJob', body: () => ({ ...activity, test_tag: 't' }) },
  ...Object.assign({}, ...Object.keys(shared).map(ofAll)),
  'POST /imports/': { kind: 'adds', body: (_, unique) => report(unique), status: 201 },
  'POST /imports/ for a job that is there': { kind: 'changesJob', body: report },
  'POST /api/v2.0/groups': { kind: 'adds', body: (_, uuid) => ({ uuid }), status: 201 },
  'POST /api/v2.0/groups for a job that is there': {
    kind: 'changesJob',
    body: (uuid) => ({ uuid }),
    status: 201,
  },
  'POST /api/v2.0/results': { kind: 'adds', body: (_, unique) => result(unique), status: 201 },
  'POST /api/v2.0/results for a job that is there': { kind: 'changesJob', body: result, status: 201 },
  'POST /api/v2.0/testcases': { kind: 'adds', body: () => ({ name: 'a' }), status: 201 },
  'POST /users/': { kind: 'administers', body: (_, username) => ({ username }), status: 201 },
  'PATCH /users/{user}/': { kind: 'administers', body: () => ({ email: 'a' }) },
  'POST /users/{user}/tokens/': { kind: 'managesTokens', body: () => ({}), status: 201 },
  'DELETE /users/{user}/tokens/{token}/': { kind: 'managesTokens', status: 204 },
  // 400 and 401: any role may try, it is the password that is wrong.
  'POST /auth/password/': {
    kind: 'anybody',
    body: () => ({ current_password: 'x', new_password: 'x' }),
    status: 400,
  },
  'POST /auth/login/': { kind: 'anybody', body: () => ({ username: 'x', password: 'x' }), status: 401 },
  'POST /known-issues/': { kind: 'judges', body: (_, unique) => knownIssue(unique), status: 201 },
  'PATCH /known-issues/{id}/': { kind: 'judges', body: () => ({ comment: 'x' }) },
  'DELETE /known-issues/{id}/': { kind: 'judges', status: 204 },
  'POST /known-issues/import/': {
    kind: 'judges',
    body: (_, unique) => ({ known_issues: [knownIssue(unique)] }),
  },
  'POST /comments/': { kind: 'judges', body: (job) => ({ ...failure(job), text: 'x' }), status: 201 },
  'POST /claims/': { kind: 'judges', body: failure, status: 201 },
  // Others' own: test/contract/notes.test.ts has the rest.
  'PATCH /comments/{id}/': { kind: 'owns', body: () => ({ text: 'y' }) },
  'DELETE /comments/{id}/': { kind: 'owns', status: 204 },
  'DELETE /claims/{id}/': { kind: 'owns', status: 204 },
  'PATCH /hosts/{host}/': { kind: 'changesShared', body: (_, name) => ({ name }), status: 202 },
  'POST /triage/looked/': { kind: 'anybody', body: () => ({}) },
  'POST /auth/logout/': { kind: 'anybody', status: 204 },
}

test('every request that the OpenAPI document knows and that may change something has a row', async () => {
  const requests = Object.keys(rows).map((name) => name.split(' ').slice(0, 2).join(' '))
  expect([...new Set(requests)].sort()).toEqual((await changingRequests(server.client)).sort())
})

const idIn = ({ headers }: Reply) => headers.get('location')?.split('/').at(-2) ?? ''

/** Somebody of this role, who had all rights while he made a job. */
async function somebody(role: Role, username: string): Promise<{ client: Client; id: string; job: string }> {
  const id = idIn(await server.client.post('/users/', { username, role: 'administrator' }))
  const { token } = (await server.client.post(`/users/${id}/tokens/`, {})).body
  const client = server.stranger.with({ authorization: `Bearer ${token}` })
  const job = `of-${username}`
  const whole = {
    id: job,
    activities: [activity],
    tests: [{ tag: 't', activities: [activity], data: [datum] }],
  }
  expect((await client.post('/jobs/', whole)).status).toBe(201)
  expect((await client.post(`/jobs/${job}/data/`, datum)).status).toBe(200)
  expect((await server.client.patch(`/users/${id}/`, { role })).status).toBe(200)
  return { client, id, job }
}

const firstOf = async (list: string): Promise<number> => (await server.client.get(list)).body.results[0].id

/** The address that a path of the document means for what belongs to a user. */
async function addressOf(path: string, user: string, job: string, unique: string): Promise<string> {
  const [, part = ''] = path.split('/')
  const test = await firstOf(`/jobs/${job}/tests/`)
  const named = path.replace('{user}', user).replace('{job}', job).replace('{test}', String(test))
  if (named.includes('{token}')) {
    return named.replace('{token}', String(await firstOf(`/users/${user}/tokens/`)))
  }
  if (named.includes('{host}')) {
    await server.client.patch(`/jobs/${job}/`, { labels: { host: `rack-${unique}` } })
    return named.replace('{host}', `rack-${unique}`)
  }
  if (!named.includes('{id}')) return named
  if (named.includes('/activities/')) return named.replace('{id}', '1') // counted within their owner
  if (part === 'comments' || part === 'claims') {
    return named.replace('{id}', idIn(await server.client.post(`/${part}/`, { job, test: 't', text: 'x' })))
  }
  const post = shared[part] ?? said[part]
  const id = post
    ? idIn(await server.client.post(`/${part}/`, post(`there-${unique}`)))
    : await firstOf(named.replace('{id}/', ''))
  return named.replace('{id}', String(id))
}

test.each(Object.entries(rows))('%s', async (request, { kind, body, status = 200 }) => {
  const [method = '', path = ''] = request.split(' ')
  const number = Object.keys(rows).indexOf(request)
  const outcomes: unknown[] = []
  const expected: unknown[] = []
  for (const [index, role] of roleNames.entries()) {
    for (const whose of ['own', 'other'] as const) {
      const unique = `${number}-${whose}${index}`
      const self = await somebody(role, unique)
      const owner = whose === 'own' ? self : await somebody('member', `the-other-of-${unique}`)
      const address = await addressOf(path, owner.id, owner.job, unique)
      const reply = await self.client.send(method, address, body?.(owner.job, `new-${unique}`))
      const may = kinds[kind](role, whose)
      outcomes.push([role, whose, reply.status])
      expected.push([role, whose, may ? status : 403])
      if (may || kind === 'administers' || kind === 'managesTokens') continue
      if (kind === 'owns' && role === 'member') continue
      const sentence = reply.body.detail ?? reply.body.message
      expect(sentence).toEndWith(`The role ${role} does not allow this. ${roles[role]}`)
    }
  }
  expect(outcomes).toEqual(expected)
})

test('NDJSON: a line about a job of another is refused with its number, the others are stored', async () => {
  const lab = await somebody('reporter', 'lab')
  const other = await somebody('member', 'other')
  const lines = [{ id: other.job, description: 'mine now' }, { id: 'new' }]
  const reply = await lab.client.request('POST', '/imports/?format=ndjson', {
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  expect(reply.status).toBe(201)
  expect(reply.body.jobs.map(({ id }: { id: string }) => id)).toEqual(['new'])
  const detail = `Somebody else made this job. The role reporter does not allow this. ${roles.reporter}`
  expect(reply.body.refused).toEqual([{ line: 1, detail }])
  expect((await server.client.get(`/jobs/${other.job}/`)).body.description).toBeNull()
})

test('a job that nobody made, for anyone might write then, is not of a reporter', async () => {
  const lab = await somebody('reporter', 'farm')
  server.config.open = true
  expect((await server.stranger.post('/jobs/', { id: 'a' })).status).toBe(201)
  server.config.open = false
  expect((await lab.client.patch('/jobs/a/', { description: 'x' })).status).toBe(403)
})

test('where anyone may write, nobody may as before, and a role still says what it says', async () => {
  const lab = await somebody('reporter', 'rack')
  server.config.open = true
  expect((await lab.client.delete(`/jobs/${lab.job}/`)).status).toBe(403)
  expect(await server.stranger.delete(`/jobs/${lab.job}/`)).toEqual(answer(204, null))
})

test('a reader is told so before anything of the body, or of the path', async () => {
  const { client } = await somebody('reader', 'eve')
  for (const path of ['/jobs/', '/jobs/nope/tests/', '/imports/', '/linuxdistros/']) {
    expect(await client.request('POST', path, { body: '<xml/>' })).toEqual(
      answer(403, { detail: `The role reader does not allow this. ${roles.reader}` }),
    )
  }
})

test('a job that is not there is not found, whoever asks', async () => {
  const { client } = await somebody('reporter', 'desk')
  expect(await client.patch('/jobs/nope/', {})).toEqual(answer(404, { detail: 'Not found' }))
})
