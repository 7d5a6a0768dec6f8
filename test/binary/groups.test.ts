// The executable's writer lives in a thread: what Avocado's resultsdb plugin sends twice is known there, too.

import { expect, test } from 'bun:test'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'

test('a group that is posted again is changed, and the server goes on', async () => {
  using folder = new Folder()
  symlinkSync(binary(), join(folder.path, 'avocado-server'))
  const server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const group = (description: string) => client.post('/api/v2.0/groups', { uuid: 'a1b2c3d', description })
  expect((await group('first')).status).toBe(201)
  expect(await group('second')).toMatchObject({ status: 201, body: { description: 'second' } })
  expect(await group('third')).toMatchObject({ status: 201, body: { description: 'third' } })
  await server.stop()
})
