// What is remembered of users, tokens and jobs between requests holds for as long as it is so, and not a moment longer.

import { expect, test } from 'bun:test'
import { changeUser, setPassword } from '../../src/auth/queries'
import { Database } from '../../src/storage/database'
import { ACT, cheapHash, NOW, withServer } from '../support/server'

const server = withServer()
const SECOND = 1_000_000

/** The status of a POST of a test to a job. */
async function post(client: typeof server.client, job: string, tag: string): Promise<number> {
  return (await client.post(`/jobs/${job}/tests/`, { tag })).status
}

async function tagsOf(job: string | number): Promise<string[]> {
  const { body } = await server.client.get(`/jobs/${job}/`)
  return body.tests.map(({ tag }: { tag: string }) => tag)
}

test('a job that was deleted takes no more tests, and one that has its id then takes its own', async () => {
  await server.makeJob({ id: 'again' })
  expect(await post(server.client, 'again', 'first')).toBe(200)
  await server.client.delete('/jobs/again/')
  expect(await post(server.client, 'again', 'between')).toBe(404)
  const { number } = await server.makeJob({ id: 'again' })
  expect(await post(server.client, 'again', 'second')).toBe(200)
  expect(await tagsOf(number)).toEqual(['second'])
})

test('a whole id, as soon as a job has it, wins over the beginning of an id', async () => {
  await server.makeJob({ id: 'lab-older' })
  expect(await post(server.client, 'lab', 'before')).toBe(200)
  await server.makeJob({ id: 'lab' })
  expect(await post(server.client, 'LAB', 'after')).toBe(200)
  expect(await tagsOf('lab')).toEqual(['after'])
  expect(await tagsOf('lab-older')).toEqual(['before'])
})

test.each(['%ED%A0%80', 'a%ED%A0%80b', '%ff', '%00', '%zz', '%E2%84%AA', '%E2%84%AAernel'])(
  'what is no job is none: %s',
  async (job) => {
    await server.makeJob({ id: 'kernel' }) // and the sign of the kelvin has the small letter k
    const time = '2026-11-24T12:00:00Z'
    for (const [path, body] of [
      [`/jobs/${job}/tests/`, { tag: 'a' }],
      [`/jobs/${job}/test_activity/`, { test_tag: 'a', activity: 'STARTED', time }],
    ] as const) {
      expect((await server.client.post(path, body)).status).toBe(404)
    }
  },
)

test('a token ends at its time, however often it was used before', async () => {
  await server.makeJob({ id: 'job' })
  const expires = new Date((NOW + 10 * SECOND) / 1000).toISOString()
  const { body } = await server.client.post('/users/1/tokens/', { label: 'short', expires })
  const short = server.stranger.with({ authorization: `Bearer ${body.token}` })
  expect(await post(short, 'job', 'in-time')).toBe(200)
  server.now = NOW + 10 * SECOND - 1
  expect(await post(short, 'job', 'just-in-time')).toBe(200)
  server.now = NOW + 10 * SECOND
  expect(await post(short, 'job', 'late')).toBe(401)
})

test('what another process changes of a user holds with the next request', async () => {
  await server.makeJob({ id: 'job' })
  await server.setPassword('first')
  await server.client.post('/users/', { username: 'ann', password: 'first' })
  const [admin, ann] = ['admin', 'ann'].map((name) => server.stranger.as(name, 'first'))
  if (!admin || !ann) throw new Error('nobody')
  expect([await post(admin, 'job', 'a1'), await post(ann, 'job', 'b1')]).toEqual([200, 200])

  const { database: other } = Database.open(server.database.path)
  await other.write(setPassword, { username: 'admin', hash: await cheapHash('second'), actor: ACT })
  await other.write(changeUser, { id: 2, actor: ACT, value: { disabled: true } })
  await other.close()
  await Bun.sleep(5) // nobody can hear of it sooner
  expect([await post(admin, 'job', 'a2'), await post(ann, 'job', 'b2')]).toEqual([401, 401])
  expect(await post(server.stranger.as('admin', 'second'), 'job', 'a3')).toBe(200)
  expect(await tagsOf('job')).toEqual(['a1', 'b1', 'a3'])
})

test('a user who becomes a reader adds nothing from then on', async () => {
  await server.makeJob({ id: 'job' })
  const { body } = await server.client.post('/users/', { username: 'ann', password: 'first' })
  const ann = server.stranger.as('ann', 'first')
  expect(await post(ann, 'job', 'before')).toBe(200)
  await server.client.patch(`/users/${body.id}/`, { role: 'reader' })
  expect(await post(ann, 'job', 'after')).toBe(403)
})
