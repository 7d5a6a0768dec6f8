import { expect, test } from 'bun:test'
import { KeyedMutex } from '../../src/lib/keyed-mutex'

test('works with one key run one after another, those with another key do not wait', async () => {
  const mutex = new KeyedMutex()
  const steps: string[] = []
  const first = Promise.withResolvers<void>()
  const begin = (key: string, name: string, until?: Promise<void>) =>
    mutex.run(key, async () => {
      steps.push(`${name} begins`)
      await until
      steps.push(`${name} ends`)
    })
  const same = [begin('a', '1', first.promise), begin('a', '2')]
  await begin('b', 'other')
  expect(steps).toEqual(['1 begins', 'other begins', 'other ends'])
  first.resolve()
  await Promise.all(same)
  expect(steps.slice(3)).toEqual(['1 ends', '2 begins', '2 ends'])
})

test('a failure concerns only its own caller', async () => {
  const mutex = new KeyedMutex()
  const failed = mutex.run('a', () => Promise.reject(new Error('mine')))
  const next = mutex.run('a', async () => 5)
  await expect(failed).rejects.toThrow('mine')
  expect(await next).toBe(5)
})
