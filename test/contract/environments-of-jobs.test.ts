// A job whose tests name environments has them, too.

import { beforeEach, expect, test } from 'bun:test'
import { findWrongAnalyses } from '../../src/analysis/series/check'
import { tar } from '../ingest/archives'
import { ownQuery } from '../support/own-query'
import { NOW, withServer } from '../support/server'
import { settle } from '../support/settled'

const server = withServer()
let one: number
let other: number

beforeEach(async () => {
  const add = async (name: string) => {
    const made = await server.client.post('/testenvironments/', {
      distro: { name, version: '1', release: '0', arch: 'x86_64' },
    })
    return Number(made.headers.get('location')?.split('/').at(-2))
  }
  one = await add('one')
  other = await add('other')
})

const environmentOf = async (job: string) =>
  (await server.stranger.get(`/jobs/${job}/?include=environment&omit=tests`)).body.environment
const environmentsOfTests = async (job: string) =>
  (await server.stranger.get(`/jobs/${job}/tests/?include=details`)).body.results.map(
    (found: { environment: number | null }) => found.environment,
  )
const named = (...environments: (number | null)[]) =>
  environments.map((environment, index) => ({ tag: `${index + 1}-t`, status: 'PASS', environment }))
const found = async (query: string) =>
  (await server.stranger.get(`/jobs/?${query}&ordering=id`)).body.results.map(({ id }: { id: string }) => id)

test('while all tests that name one name the same, it is that of the job, and of the others', async () => {
  await server.makeJob({ id: 'a', tests: named(one, null, one) })
  expect([await environmentOf('a'), await environmentsOfTests('a')]).toEqual([one, [one, one, one]])
  await server.makeJob({ id: 'b', tests: named(one, null, other) })
  expect([await environmentOf('b'), await environmentsOfTests('b')]).toEqual([null, [one, null, other]])
  await server.makeJob({ id: 'c', tests: named(null) })
  expect(await environmentOf('c')).toBeNull()
  expect([await found(`environment=${one}`), await found(`environment=${other}`)]).toEqual([
    ['a', 'b'],
    ['b'],
  ])
  expect(await found(`environment=!${one}`)).toEqual(['c'])
  expect(await found('label=distro:other')).toEqual(['b'])
})

test('NDJSON, and tests that are posted one by one, do the same in any order', async () => {
  const line = (id: string, ...environments: (number | null)[]) =>
    JSON.stringify({ id, tests: named(...environments) })
  await server.client.request('POST', '/imports/', {
    body: `${line('a', one, one)}\n${line('b', one, other)}\n${line('c', other, one)}`,
  })
  expect([await environmentOf('a'), await environmentOf('b'), await environmentOf('c')]).toEqual([
    one,
    null,
    null,
  ])
  await server.makeJob({ id: 'd' })
  for (const value of named(one, null, one)) await server.client.post('/jobs/d/tests/', value)
  expect(await environmentOf('d')).toBe(one)
  await server.client.post('/jobs/d/tests/', { tag: '4-t', status: 'PASS', environment: other })
  expect(await environmentOf('d')).toBeNull()
})

test('a test that changes or goes takes its environment along', async () => {
  await server.makeJob({ id: 'a', tests: named(one, other, null) })
  await server.client.patch('/jobs/a/tests/2-t/', { environment: one })
  expect(await environmentOf('a')).toBe(one)
  await server.client.patch('/jobs/a/tests/2-t/', { environment: other })
  expect(await environmentOf('a')).toBeNull()
  await server.client.delete('/jobs/a/tests/1-t/')
  expect([await environmentOf('a'), await environmentsOfTests('a')]).toEqual([other, [other, other]])
  await server.client.delete('/jobs/a/tests/2-t/')
  expect([await environmentOf('a'), await environmentsOfTests('a')]).toEqual([null, [null]])
  expect(await found(`environment=${other}`)).toEqual([])
})

test('what is reported for the job counts more, before and after', async () => {
  const id = 'f'.repeat(40)
  const report = () =>
    server.client.request('POST', '/imports/', {
      body: tar([
        {
          name: 'job/results.json',
          content: JSON.stringify({ job_id: id, total: 1, tests: [{ id: '9-a', status: 'PASS' }] }),
        },
        { name: 'job/sysinfo/pre/installed_packages', content: 'kernel-6.1-1.x86_64\n' },
      ]),
    })
  await server.makeJob({ id, tests: named(one) })
  expect(await environmentOf(id)).toBe(one)
  await settle(server)
  expect((await report()).status).toBe(200)
  await settle(server)
  expect(await server.database.read(ownQuery((connection) => findWrongAnalyses(connection, NOW)))).toEqual([])
  const reported = await environmentOf(id)
  expect([one, other, null]).not.toContain(reported)
  await server.client.post(`/jobs/${id}/tests/`, { tag: '2-t', status: 'PASS', environment: other })
  expect([await environmentOf(id), await environmentsOfTests(id)]).toEqual([reported, [one, reported, other]])
})
