import { expect, test } from 'bun:test'
import { LoginThrottle } from '../../src/auth/login-throttle'
import { TooMany } from '../../src/lib/errors'

/** How many seconds the guess has to wait; 0: it may be tried. */
async function pauseOf(guesses: LoginThrottle, key = 'a'): Promise<number> {
  try {
    await guesses.count(key)
    return 0
  } catch (error) {
    if (!(error instanceof TooMany)) throw error
    return error.retryAfterSeconds ?? 0
  }
}

test('so many guesses are free, then one has to wait, and says for how long', async () => {
  const guesses = new LoginThrottle({ freeAttempts: 2 })
  expect([await pauseOf(guesses), await pauseOf(guesses), await pauseOf(guesses)]).toEqual([0, 0, 10])
  expect(await pauseOf(guesses, 'b')).toBe(0)
  await expect(guesses.count('a')).rejects.toMatchObject({
    code: 'too_many',
    body: { detail: 'Too many wrong passwords from here: try again in 10 seconds.' },
  })
})

test('of many at once, no more than the free ones may be tried', async () => {
  const guesses = new LoginThrottle({ freeAttempts: 5 })
  const pauses = await Promise.all(Array.from({ length: 200 }, () => pauseOf(guesses)))
  expect(pauses.filter((seconds) => seconds === 0)).toHaveLength(5)
})

test('the pause doubles with each wrong one, up to the longest; who tries meanwhile does not prolong it', async () => {
  const guesses = new LoginThrottle({ freeAttempts: 1, firstPauseSeconds: 0.05, longestPauseSeconds: 0.2 })
  const pauses: number[] = []
  for (let round = 0; round < 5; round++) {
    const start = performance.now()
    while ((await pauseOf(guesses)) > 0) await Bun.sleep(2)
    pauses.push(performance.now() - start)
  }
  const [none = 0, first = 0, second = 0, third = 0, fourth = 0] = pauses
  expect(none).toBeLessThan(40)
  expect(first).toBeGreaterThan(45)
  expect(second).toBeGreaterThan(95)
  expect(third).toBeGreaterThan(195)
  expect(fourth).toBeGreaterThan(195)
  expect(fourth).toBeLessThan(390)
})

test('what was counted is taken back, or all of it forgotten', async () => {
  const guesses = new LoginThrottle({ freeAttempts: 2 })
  await guesses.count('a')
  await guesses.refund('a')
  expect([await pauseOf(guesses), await pauseOf(guesses), await pauseOf(guesses)]).toEqual([0, 0, 10])
  await guesses.reset('a')
  expect(await pauseOf(guesses)).toBe(0)
})

test('wrong ones are forgotten after a while', async () => {
  const guesses = new LoginThrottle({ freeAttempts: 2, windowSeconds: 0.1 })
  await guesses.count('a')
  await Bun.sleep(120)
  expect([await pauseOf(guesses), await pauseOf(guesses)]).toEqual([0, 0])
})
