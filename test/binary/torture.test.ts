import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { torture } from '../support/torture'

test('a server that is killed 20 times under 64 writers has all that it acknowledged, once, and is sound', async () => {
  using folder = new Folder()
  const { acknowledged, faults } = await torture(folder, 20)
  expect(faults).toEqual([])
  const kinds = [
    'jobs',
    'tests',
    'activities',
    'data',
    'NDJSON lines',
    'results.json',
    'PATCH',
    'jobs deleted',
  ]
  expect(Object.keys(acknowledged)).toEqual(expect.arrayContaining(kinds))
}, 180_000)
