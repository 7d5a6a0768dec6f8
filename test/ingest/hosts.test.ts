// Where a job ran: the label `host`, or else the best of what else tells it.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'
import { tar } from './archives'

const server = withServer()
const ID = 'f'.repeat(40)
const RESULTS = JSON.stringify({
  job_id: ID,
  tests: [{ id: '1-a', status: 'PASS' }],
  total: 1,
  start: '2026-07-01 10:00:00',
})

interface Told {
  label?: string
  hostname?: string
  uname?: string
  uploader?: string
}

const send = ({ label, hostname, uname, uploader }: Told) => {
  const files = [
    { name: 'job/results.json', content: RESULTS },
    ...(hostname === undefined ? [] : [{ name: 'job/sysinfo/pre/hostname', content: `${hostname}\n` }]),
    ...(uname === undefined ? [] : [{ name: 'job/sysinfo/pre/uname -a', content: uname }]),
  ]
  const query = new URLSearchParams()
  if (label !== undefined) query.append('label', `host:${label}`)
  if (uploader !== undefined) query.append('uploader_host', uploader)
  return server.client.request('POST', `/imports/?${query}`, { body: tar(files) })
}
const job = async () => (await server.stranger.get(`/jobs/${ID}/?omit=tests,activities`)).body
const found = async (query: string) => (await server.stranger.get(`/jobs/?${query}`)).body.count

const UNAME = 'Linux rack3 6.1.0-1.x86_64 #1 SMP x86_64 GNU/Linux'

test.each<[Told, string | undefined]>([
  [{ label: 'rack1', hostname: 'rack2', uname: UNAME, uploader: 'rack4' }, 'rack1'],
  [{ hostname: 'rack2', uname: UNAME, uploader: 'rack4' }, 'rack2'],
  [{ uname: UNAME, uploader: 'rack4' }, 'rack3'],
  [{ uploader: 'rack4' }, 'rack4'],
  [{}, undefined],
  [{ hostname: 'localhost.localdomain', uploader: 'rack4' }, undefined],
  [{ hostname: '0123456789ab' }, undefined],
  [{ uname: 'Linux (none) 6.1.0' }, undefined],
  [{ hostname: 'x'.repeat(256), uploader: 'rack4' }, 'rack4'],
])('%j: the host is %s, shown, said in the title and found as a label', async (told, host) => {
  expect((await send(told)).status).toBe(201)
  const { labels, description } = await job()
  expect([labels?.host, description]).toEqual([host, host === undefined ? 'a' : `a on ${host}`])
  expect(await found('label=host')).toBe(host === undefined ? 0 : 1)
  if (host !== undefined) expect(await found(`label=host:${host}`)).toBe(1)
})

test('what comes later corrects it where it knows better, in any order', async () => {
  await send({ uploader: 'rack4' })
  await send({ uname: UNAME, uploader: 'rack5' })
  expect((await job()).labels.host).toBe('rack3')
  await send({ hostname: 'rack2' })
  await send({ uploader: 'rack4' })
  expect(await job()).toMatchObject({ labels: { host: 'rack2' }, description: 'a on rack2' })
  expect([await found('host=rack2'), await found('host=rack3'), await found('host=rack4')]).toEqual([1, 0, 0])
})

test('a label counts more, and what was reported counts again when it is removed', async () => {
  await send({ hostname: 'rack2' })
  const patch = (labels: object) => server.client.patch(`/jobs/${ID}/`, { labels })
  expect((await patch({ host: 'rack1' })).body).toMatchObject({
    labels: { host: 'rack1' },
    description: 'a on rack1',
  })
  expect([await found('host=rack1'), await found('host=rack2'), await found('search=rack1')]).toEqual([
    1, 0, 1,
  ])
  expect((await patch({ host: null })).body).toMatchObject({
    labels: { host: 'rack2' },
    description: 'a on rack2',
  })
  expect((await server.client.put(`/jobs/${ID}/`, { labels: { branch: 'main' } })).body.labels).toEqual({
    branch: 'main',
    host: 'rack2',
  })
})

test("a person's description stays when the job moves", async () => {
  await send({ hostname: 'rack2' })
  await server.client.patch(`/jobs/${ID}/`, { description: 'smoke on rack2' })
  await server.client.patch(`/jobs/${ID}/`, { labels: { host: 'rack1' } })
  expect((await job()).description).toBe('smoke on rack2')
})

test('the same file of two machines is two jobs, of one machine one', async () => {
  const xml = '<testsuite name="unit"><testcase name="a"/></testsuite>'
  const idOf = async (query: string) =>
    (await server.client.request('POST', `/imports/?${query}`, { body: xml })).body.jobs[0].id
  const [one, other, again] = [
    await idOf('uploader_host=rack1'),
    await idOf('uploader_host=rack2'),
    await idOf('uploader_host=rack1'),
  ]
  expect(one).not.toBe(other)
  expect(again).toBe(one)
  // As `upload` sent the name until version 0.27.
  expect(await idOf('label=host:rack1')).toBe(one)
})

test('lines of NDJSON have the host of the machine that sends them', async () => {
  await server.client.request('POST', '/imports/?uploader_host=rack4', {
    body: '{"id": "a", "labels": {"host": "rack1"}}\n{"id": "b"}\n',
  })
  const hosts = (await server.stranger.get('/jobs/?ordering=id')).body.results.map(
    ({ labels }: { labels: { host: string } }) => labels.host,
  )
  expect(hosts).toEqual(['rack1', 'rack4'])
})

test('a name that is too long is refused', async () => {
  const reply = await server.client.request('POST', `/imports/?uploader_host=${'x'.repeat(256)}`, {
    body: RESULTS,
  })
  expect([reply.status, reply.body]).toEqual([
    400,
    { uploader_host: ['Ensure this field has no more than 255 characters.'] },
  ])
})
