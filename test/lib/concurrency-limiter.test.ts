import { expect, test } from 'bun:test'
import { ConcurrencyLimiter } from '../../src/lib/concurrency-limiter'

/** Work that goes on until `finish` is called. */
function begin(limiter: ConcurrencyLimiter, network: string) {
  const { promise, resolve: finish } = Promise.withResolvers<void>()
  const state = { running: false, finish, done: Promise.resolve() }
  state.done = limiter.run(network, () => {
    state.running = true
    return promise
  })
  return state
}

const TOO_MANY = {
  code: 'busy',
  body: { detail: 'Too many passwords are being checked: try again in 2 seconds.' },
  retryAfterSeconds: 2,
}

test('two run, twenty wait in their order, the next is sent away at once', async () => {
  const limiter = new ConcurrencyLimiter()
  const works = Array.from({ length: 22 }, (_, index) => begin(limiter, `network ${index % 3}`))
  expect(works.map(({ running }) => running)).toEqual([true, true, ...Array(20).fill(false)])
  await expect(begin(limiter, 'another').done).rejects.toMatchObject(TOO_MANY)
  works[0]?.finish()
  await works[0]?.done
  expect(works.map(({ running }) => running)).toEqual([true, true, true, ...Array(19).fill(false)])
  for (const { finish } of works) finish()
  await Promise.all(works.map(({ done }) => done))
  const late = begin(limiter, 'another')
  expect(late.running).toBe(true)
  late.finish()
})

test('of one network ten at most run and wait: the others get their limiter', async () => {
  const limiter = new ConcurrencyLimiter()
  const works = Array.from({ length: 10 }, () => begin(limiter, 'a'))
  await expect(begin(limiter, 'a').done).rejects.toMatchObject(TOO_MANY)
  const other = begin(limiter, 'b')
  for (const { finish } of works) finish()
  other.finish()
  await Promise.all([...works, other].map(({ done }) => done))
  expect(other.running).toBe(true)
})

test('work that fails makes room, too', async () => {
  const limiter = new ConcurrencyLimiter()
  for (let count = 0; count < 30; count++) {
    await expect(limiter.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  }
  expect(await limiter.run('a', async () => 'done')).toBe('done')
})
