// A cache of rows forgets the rows that a commit changed, and keeps the others.

import { expect, test } from 'bun:test'
import type { Change } from '../../src/storage/change-feed'
import { Database, defineWrite } from '../../src/storage/database'
import { ReadThroughCache } from '../../src/storage/read-through-cache'
import { ownQuery } from '../support/own-query'
import { withServer } from '../support/server'

const server = withServer()

const announce = defineWrite('announce', async (connection, { changes }: { changes: Change[] }) => {
  for (const { kind, id } of changes) connection.markChanged(kind, id)
})

/** A cache of tokens with their users, and what it read from the database. */
function makeCache(max?: number) {
  const reads: string[] = []
  const cache = new ReadThroughCache<{ token: number; user: number }>(
    server.database,
    { token: ({ token }) => token, user: ({ user }) => user },
    max === undefined ? {} : { max },
  )
  const ask = async (...tokens: number[]) => {
    reads.length = 0
    for (const token of tokens) {
      const read = ownQuery(async () => {
        reads.push(`${token}`)
        return { token, user: token % 2 }
      })
      await cache.find(`key of ${token}`, read, {})
    }
    return reads.join(' ')
  }
  return { cache, ask }
}

test('a change of a row removes it, whatever kind of change names it', async () => {
  const { ask } = makeCache()
  expect(await ask(1, 2, 3)).toBe('1 2 3')
  expect(await ask(1, 2, 3)).toBe('')
  await server.database.write(announce, { changes: [{ kind: 'token', id: 2 }] })
  expect(await ask(1, 2, 3)).toBe('2')
  await server.database.write(announce, { changes: [{ kind: 'user', id: 1 }] })
  expect(await ask(1, 2, 3)).toBe('1 3')
})

test('changes of other kinds remove nothing', async () => {
  const { ask } = makeCache()
  await ask(1, 2)
  await server.database.write(announce, {
    changes: [
      { kind: 'job', id: 1 },
      { kind: 'job', id: 'any' },
    ],
  })
  expect(await ask(1, 2)).toBe('')
})

test('a change of any row of a kind, or by another process, removes all', async () => {
  const { ask } = makeCache()
  await ask(1, 2)
  await server.database.write(announce, { changes: [{ kind: 'token', id: 'any' }] })
  expect(await ask(1, 2)).toBe('1 2')
  const { database: other } = Database.open(server.database.path)
  await other.write(announce, { changes: [] })
  await other.close()
  await Bun.sleep(5) // a look for other processes holds for a millisecond
  expect(await ask(1, 2)).toBe('1 2')
})

test('a row that does not exist is asked for again; a full cache drops what was not asked for longest', async () => {
  const { cache, ask } = makeCache(2)
  const row = { token: 9, user: 9 }
  const none = ownQuery(async () => undefined)
  expect(await cache.find('none', none, {})).toBeUndefined()
  const one = ownQuery(async () => row)
  expect(await cache.find('none', one, {})).toEqual(row)
  expect(await ask(1, 2, 3, 3, 2, 1)).toBe('1 2 3 1')
})
