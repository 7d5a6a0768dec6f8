// Answers that are left to the reader's thread are those that would have been made beside all others.

import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { Database, NamedQuery } from '../../src/storage/database'
import { QueryCancelled } from '../../src/storage/errors'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

beforeAll(async () => {
  for (const [index, status] of ['PASS', 'FAIL', null].entries()) {
    const tests = ['PASS', 'FAIL', null].map((status, test) => ({ tag: `${test}-boot`, status }))
    await server.makeJob({ id: `a${index}`, description: `Nightly Käse ${index}`, status, tests })
  }
  await server.client.post('/api/v2.0/results', { outcome: 'PASSED', testcase: 'boot', groups: ['g'] })
})

/** The tests replace some of its methods. */
afterEach(() => {
  for (const name of ['read', 'readInWorker']) Reflect.deleteProperty(server.database, name)
})

/** Makes the server leave each answer to the reader's worker, however short it is. */
function leaveAllToWorker(): void {
  const { database } = server
  const read = database.read.bind(database) as (...asked: Asked) => Promise<unknown>
  database.read = (async (...asked: Asked) =>
    asked[0].name.endsWith(' if short') ? undefined : read(...asked)) as Database['read']
}

type Asked = [query: NamedQuery<unknown, unknown>, argument?: unknown]

/** Answers that are kept would not be made a second time: an unknown name in the query keeps them from that. */
const unkept = (path: string) => `${path}${path.includes('?') ? '&' : '?'}_`

const paths = [
  '/jobs/',
  '/jobs/?search=nightly+k%C3%A4se&status=FAIL,none&page_size=1&include=outcomes,environment',
  '/jobs/?ordering=-status,time&page=last&page_size=2&omit=tests',
  '/jobs/?time_after=2026-01-01&running=false',
  '/jobs/?page=7',
  '/jobs/?status=nothing',
  '/jobs/a1/',
  '/jobs/a/',
  '/jobs/nothing/',
  '/jobs/a1/files/',
  '/jobs/a1/tests/1-boot/files/?page=2',
  '/jobs/a1/tests/?search=boot&ordering=-severity&page_size=2',
  '/jobs/a1/tests/?include=details&status=wrong',
  '/jobs/a1/tests/?include=details',
  '/jobs/a1/tests/1-boot/history/?page_size=1&page=2',
  '/tests/?search=boot&ordering=-last_run&page_size=1&until=2026-11-24T12:00Z',
  '/tests/?page=9',
  '/tests/runs/?search=boot&page_size=1',
  '/tests/runs/?cursor=wrong',
  '/tests/reasons/?search=x',
  '/tests/history/?testcase=unknown',
  '/regressions/?state=open,fixed&page_size=1',
  '/regressions/?state=wrong',
  '/flaky/?all=true&page_size=1',
  '/flaky/?host=rack7&days=30',
  '/flaky/?days=0',
  '/clusters/?search=x&page_size=1',
  '/clusters/?days=0',
  '/clusters/1/jobs/',
  '/jobs/a1/tests/1-boot/verdict/',
  '/jobs/a1/tests/9/verdict/',
  '/statistics/history/?interval=hour&time_after=2026-11-20',
  '/statistics/history/?interval=hour&time_after=2006-11-20',
  '/statistics/failing/',
  '/jobs/compare/?job=a2&base=a1',
  '/jobs/compare/?job=a2&base=last_good&class=changed&page_size=1',
  '/jobs/compare/?job=a2&base=nothing',
  '/triage/?since=2026-01-01T00:00&until=2026-11-24T00:00&page_size=1',
  '/triage/?since=nothing',
  '/triage/new-r1/tests/?since=2026-01-01T00:00',
  '/testenvironments/steps/?steps=1:2,2:1&limit=1',
  '/testenvironments/steps/?steps=1',
  '/matrix/?columns=kernel&page_size=1',
  '/matrix/?columns=nothing',
  '/matrix/?page=7',
  '/audit/?action=deleted',
  '/audit/?action=wrong',
  '/api/v2.0/groups',
  '/api/v2.0/results?outcome=PASSED',
  '/api/v2.0/results/latest?testcases:like=b*',
  '/api/v2.0/testcases?name:like=b*',
]

test.each(paths)('GET %s', async (path) => {
  const { database, origin, authorization } = server
  for (const headers of [{}, { accept: 'application/json; indent=2' }, { host: 'lab.example:81' }]) {
    const ask = async () => {
      const response = await fetch(origin + unkept(path), { headers: { authorization, ...headers } })
      const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(response.headers)
      return { status: response.status, text: await response.text(), rest }
    }
    let apart = 0
    const readInWorker = database.readInWorker.bind(database)
    database.readInWorker = (...asked) => {
      apart++
      return readInWorker(...asked)
    }
    const here = await ask()
    expect(apart).toBe(0)
    leaveAllToWorker()
    expect(await ask()).toEqual(here)
    expect(apart).toBe(1)
    Reflect.deleteProperty(database, 'readInWorker')
    Reflect.deleteProperty(database, 'read')
  }
})

test('a job that was posted or changed is shown, however many tests it has', async () => {
  const { client } = server
  leaveAllToWorker()
  const made = await client.post('/jobs/', { id: 'long', tests: [{ tag: '1-a' }] })
  expect({ status: made.status, location: made.headers.get('location'), id: made.body.id }).toEqual({
    status: 201,
    location: `${server.origin}/jobs/long/`,
    id: 'long',
  })
  const changed = await client.patch('/jobs/long/', { description: 'b' })
  expect({ status: changed.status, body: changed.body }).toMatchObject({
    status: 200,
    body: { id: 'long', description: 'b', tests: [{ tag: '1-a' }] },
  })
})

test('who leaves while something is looked for is noticed', async () => {
  const { database, origin, authorization } = server
  const left = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  leaveAllToWorker()
  database.readInWorker = (_, __, signal) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        left.resolve()
        reject(new QueryCancelled())
      })
      asked.resolve()
    })
  const client = new AbortController()
  const answer = fetch(`${origin}/jobs/?search=a`, {
    headers: { authorization },
    signal: client.signal,
  }).catch(({ name }) => name)
  await asked.promise
  client.abort()
  await left.promise
  expect(await answer).toBe('AbortError')
})
