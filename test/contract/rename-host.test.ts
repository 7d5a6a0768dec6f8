// /hosts/HOST/: a host gets another name, with all its jobs.

import { expect, test } from 'bun:test'
import { renameHosts } from '../../src/results/labels/rename'
import { sqliteOf } from '../../src/storage/sqlite/sqlite-connection'
import { tar } from '../ingest/archives'
import { withServer } from '../support/server'

const server = withServer()
const rename = (host: string, name: unknown) => server.client.patch(`/hosts/${host}/`, { name })
const labelsOf = async (job: string) => (await server.stranger.get(`/jobs/${job}/`)).body.labels
const found = async (host: string) => (await server.stranger.get(`/jobs/?host=${host}`)).body.count

/** Until no job of a host is left. */
async function untilGone(host: string): Promise<void> {
  while ((await found(host)) > 0) await Bun.sleep(5)
}

/** A job whose host is only in its sysinfo. */
const importFrom = (id: string, host: string) =>
  server.client.request('POST', `/imports/?job=${id}`, {
    body: tar([
      {
        name: 'job/results.json',
        content: JSON.stringify({ job_id: id, total: 1, tests: [{ id: '1-a', status: 'PASS' }] }),
      },
      { name: 'job/sysinfo/pre/hostname', content: host },
    ]),
  })

test('all jobs of a host move to its new name: in labels, in what was reported, and in their titles', async () => {
  for (let index = 0; index < 250; index++) {
    await server.makeJob({ id: `job-${index}`, labels: { host: 'rack7', plan: 'x' } })
  }
  await importFrom('imported', 'rack7')
  await server.makeJob({ id: 'other', labels: { host: 'rack9' } })
  const reply = await rename('rack7', 'rack8')
  expect([reply.status, reply.body]).toEqual([202, { name: 'rack8', jobs: 251 }])
  await untilGone('rack7')
  expect([await found('rack8'), await found('rack9')]).toEqual([251, 1])
  expect(await labelsOf('job-7')).toEqual({ host: 'rack8', plan: 'x' })
  expect((await server.stranger.get('/jobs/imported/?omit=tests')).body).toMatchObject({
    labels: { host: 'rack8' },
    description: 'a on rack8',
  })
  // What was reported has the new name, so that it stays when a label goes.
  await server.client.patch('/jobs/imported/', { labels: { host: 'x' } })
  expect((await server.client.patch('/jobs/imported/', { labels: { host: null } })).body.labels.host).toBe(
    'rack8',
  )
  const { results } = (await server.client.get('/audit/?action=host-renamed')).body
  expect(results).toMatchObject([{ name: 'admin', object: 'host rack7', detail: 'to rack8, 251 jobs' }])
})

test('a host that exists takes the jobs over', async () => {
  await server.makeJob({ id: 'a', labels: { host: 'rack7' } })
  await server.makeJob({ id: 'b', labels: { host: 'rack8' } })
  await rename('rack7', 'rack8')
  await untilGone('rack7')
  expect(await found('rack8')).toBe(2)
  expect((await server.stranger.get('/hosts/rack8/')).body).toMatchObject({ name: 'rack8', jobs: 2 })
  expect((await server.stranger.get('/hosts/rack7/')).status).toBe(404)
})

test('a restart goes on with what was left', async () => {
  await server.makeJob({ id: 'a', labels: { host: 'rack7' } })
  await server.database.write(
    {
      name: 'interrupted',
      run: async (connection) =>
        sqliteOf(connection).execute(
          `INSERT INTO task VALUES ('rename host rack7', '{"from": "rack7", "to": "rack8"}')`,
        ),
    },
    undefined,
  )
  expect((await server.stranger.get('/hosts/rack7/')).body).toMatchObject({ jobs: 1, renamed_to: 'rack8' })
  expect(await rename('rack8', 'rack9')).toMatchObject({ status: 404 })
  expect(await rename('rack7', 'rack9')).toMatchObject({
    status: 409,
    body: { detail: 'rack7 is being renamed to rack8: try again when that is done.' },
  })
  await renameHosts(server.database)
  expect(await labelsOf('a')).toEqual({ host: 'rack8' })
  expect((await rename('rack8', 'rack9')).status).toBe(202)
})

test.each([
  ['rack9', 'rack8', 404, { detail: 'Not found' }],
  ['rack7', '', 400, { name: ['This field may not be blank.'] }],
  ['rack7', undefined, 400, { name: ['This field is required.'] }],
  ['rack7', ' rack8', 400, { name: ['The name of a host has no blanks around it.'] }],
  [
    'rack7',
    'localhost',
    400,
    { name: ['"localhost" names no machine: jobs of such a name have an unknown host.'] },
  ],
])('%s to %j is refused with %d and changes nothing', async (host, name, status, body) => {
  await server.makeJob({ id: 'a', labels: { host: 'rack7' } })
  const reply = await rename(host, name)
  expect([reply.status, reply.body]).toEqual([status, body])
  expect(await labelsOf('a')).toEqual({ host: 'rack7' })
})

test('the same name changes nothing', async () => {
  await server.makeJob({ id: 'a', labels: { host: 'rack7' } })
  expect((await rename('rack7', 'rack7')).body).toEqual({ name: 'rack7', jobs: 0 })
})

test('a reporter may not rename a host, nor may a stranger', async () => {
  await server.makeJob({ id: 'a', labels: { host: 'rack7' } })
  expect((await server.stranger.patch('/hosts/rack7/', { name: 'x' })).status).toBe(401)
  const { headers } = await server.client.post('/users/', {
    username: 'lab',
    password: 'correct horse battery staple',
    role: 'reporter',
  })
  const user = new URL(headers.get('location') ?? '').pathname
  const { token } = (await server.client.post(`${user}tokens/`, { label: 'l' })).body
  const reporter = server.stranger.with({ authorization: `Bearer ${token}` })
  expect((await reporter.patch('/hosts/rack7/', { name: 'x' })).status).toBe(403)
})
