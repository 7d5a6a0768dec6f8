import { expect, test } from 'bun:test'
import { FairQueue } from '../../src/lib/fair-queue'

test('each has one in its turn, and what one waits for keeps its order', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'a3']) queue.add('a', item)
  queue.add('b', 'b1')
  const taken = [queue.take(), queue.take()]
  queue.add('b', 'b2')
  taken.push(queue.take(), queue.take(), queue.take(), queue.take())
  expect(taken).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', undefined])
  expect(queue.isEmpty).toBe(true)
})

test('who had the last turn waits for another, even where that one asked later', () => {
  const queue = new FairQueue<string>()
  queue.add('a', 'a1')
  expect(queue.take()).toBe('a1')
  queue.add('a', 'a2')
  queue.add('b', 'b1')
  expect([queue.take(), queue.take()]).toEqual(['b1', 'a2'])
})

test('it tells what waits, of one and of all, and can be cleared', () => {
  const queue = new FairQueue<number>()
  queue.add('a', 1)
  queue.add('b', 2)
  queue.add('a', 3)
  expect([queue.itemsOf('a'), queue.itemsOf('nobody'), queue.all()]).toEqual([[1, 3], [], [1, 3, 2]])
  expect(queue.clear()).toEqual([1, 3, 2])
  expect([queue.isEmpty, queue.take()]).toEqual([true, undefined])
})
