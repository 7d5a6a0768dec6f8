// The writer's thread breaks down under a server that many write to.

import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { Folder } from '../../../support/binary'
import { Client } from '../../../support/client'

const root = join(import.meta.dir, '../../../..')
const fragile = ['bun', '--preload', join(import.meta.dir, 'fragile.ts'), join(root, 'src/main.ts')]
/** As in fragile.ts, which would make this process fragile, too. */
const BREAK_DOWN = 'break down'

test('when the writer breaks down, those who wait get 503, the server ends with 1, and nothing acknowledged is lost', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open', '--log-level', 'silent'], { program: fragile })
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'load' })
  const acknowledged: string[] = []
  const refusals: unknown[] = []
  const writers = Array.from({ length: 32 }, async (_, writer) => {
    for (let count = 0; ; count++) {
      const tag = `${count}-w${writer}`
      const reply = await client.post('/jobs/load/tests/', { tag }).catch(() => undefined)
      if (!reply) return // the server has ended
      if (reply.status === 200) acknowledged.push(tag)
      else refusals.push({ status: reply.status, body: reply.body })
    }
  })
  while (acknowledged.length <= 32) await Bun.sleep(20)
  const refused = {
    status: 503,
    body: {
      detail:
        'The server failed while it stored this, and starts anew: it may be stored or not. Send it again in a while.',
    },
  }
  const breaking = await client.post('/jobs/', { id: 'breaking', description: BREAK_DOWN })
  expect({ status: breaking.status, body: breaking.body }).toEqual(refused)
  expect(breaking.headers.get('retry-after')).toBe('5')
  await Promise.all(writers)
  expect(await server.child.exited).toBe(1)
  expect(await server.child.stderr.text()).toBe(
    'The writer has ended unexpectedly (error: broken down). What was acknowledged is stored: start the server again.\n',
  )
  expect(refusals).toEqual(Array(refusals.length).fill(refused))
  expect(refusals.length).toBeGreaterThan(0)

  await using next = await folder.serve(['--open'])
  const { tests } = (await new Client(next.origin).get('/jobs/load/')).body
  const stored = new Set(tests.map(({ tag }: { tag: string }) => tag))
  expect(acknowledged.filter((tag) => !stored.has(tag))).toEqual([])
  expect((await folder.run(['check'])).code).toBe(0)
})
