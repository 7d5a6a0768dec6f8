// A few rounds of what `bun run torture` does 200 times, with all that it looks for.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { torture, writers } from '../support/torture'
import { kinds } from '../support/writers/kinds'

test('a server that is killed 4 times under 64 writers has all that it acknowledged, once, and is sound', async () => {
  expect(writers.length).toBe(64)
  using folder = new Folder()
  const { acknowledged, faults } = await torture(folder, 4)
  expect(faults).toEqual([])
  const heard = Object.keys(acknowledged).map((what) => what.split(': '))
  expect(new Set(heard.map(([kind]) => kind))).toEqual(new Set(Object.keys(kinds)))
  expect(new Set(heard.map(([, method]) => method))).toEqual(new Set(['POST', 'PUT', 'PATCH', 'DELETE']))
}, 300_000)
