// Strangers who mean harm, from several addresses of this machine: what each sends takes nothing from the others.

import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { request } from 'node:http'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { RawRequest } from '../support/raw-request'

const MANY = 200
const TESTS = 50_000

interface Asked {
  answer: Promise<number>
  leave(): void
}

/** A GET from an address of this machine. */
function ask({ origin }: Serving, path: string, localAddress: string): Asked {
  const { promise, resolve } = Promise.withResolvers<number>()
  const { hostname, port } = new URL(origin)
  const asked = request({ hostname, port, path, localAddress, agent: false }, (answer) => {
    answer.resume()
    answer.on('end', () => resolve(answer.statusCode ?? 0))
  })
  asked.on('error', () => resolve(0))
  asked.end()
  return { answer: promise, leave: () => asked.destroy() }
}

test.each([
  ['tests of a job', '/jobs/big/tests/?search=nowhere'],
  ['results of ResultsDB', '/api/v2.0/results?testcases:like=*nowhere*&n='],
])(
  '%s: two hundred searches from one address let the single one of another go before them',
  async (_, path) => {
    using folder = new Folder()
    await using server = await folder.serve(['--open'])
    const points = Array.from({ length: TESTS }, (_, index) => `ok ${index + 1} name ${index}`)
    const body = ['1..50000', ...points].join('\n')
    const made = await fetch(`${server.origin}/imports/?format=tap&job=big`, { method: 'POST', body })
    expect(made.status).toBe(201)
    let answered = 0
    const flood = Array.from({ length: MANY }, (_, index) => ask(server, `${path}${index}`, '127.0.0.2'))
    for (const { answer } of flood) answer.then(() => answered++)
    await flood[0]?.answer
    const before = answered
    expect(await ask(server, `${path}mine`, '127.0.0.3').answer).toBe(200)
    // The one under way, and what was answered already and is on its way to us: of a busy machine, more.
    expect(answered - before).toBeLessThan(MANY / 8)
    for (const { leave } of flood) leave()
  },
)

test('whether it is alive and ready is answered with every place taken, and a database that somebody holds', async () => {
  using folder = new Folder()
  await folder.setUp()
  await using server = await folder.serve(['--max-requests', '100', '--open'])
  const client = new Client(server.origin)
  const json = { 'content-type': 'application/json', 'content-length': '100' }
  const slow = ['/jobs/', '/imports/', '/auth/login/', '/api/v2.0/results'].flatMap((path) =>
    Array(30).fill(path),
  )
  const bodies = await Promise.all(slow.map((path) => RawRequest.begin(server.origin, 'POST', path, json)))
  for (const body of bodies) body.send('{')
  await Bun.sleep(300)
  const status = async (path: string) => (await client.get(path)).status
  expect([await status('/jobs/'), await status('/health/'), await status('/ready/')]).toEqual([503, 200, 200])
  for (const body of bodies) body.close()
  using other = new Database(folder.database)
  other.run('BEGIN IMMEDIATE')
  const posted = client.post('/jobs/', { id: 'waits' })
  await Bun.sleep(300)
  expect([await status('/health/'), await status('/jobs/')]).toEqual([200, 200])
  const { body } = await client.get('/ready/')
  expect([
    { ready: true },
    { detail: expect.stringMatching(/^A change has been waiting for/) },
  ]).toContainEqual(body)
  other.run('COMMIT')
  expect((await posted).status).toBe(201)
  expect((await client.get('/ready/')).status).toBe(200)
})
