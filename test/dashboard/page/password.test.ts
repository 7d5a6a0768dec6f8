import { expect, test } from 'bun:test'
import { generatePassword } from '../../../src/dashboard/page/password'

test('a made password is four groups of letters that are not taken for one another', () => {
  for (let count = 0; count < 200; count++) {
    expect(generatePassword()).toMatch(/^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){3}$/)
  }
})

test('every letter comes, and about as often as any other', () => {
  const counts = new Map<string, number>()
  for (let count = 0; count < 3200; count++) {
    for (const letter of generatePassword().replaceAll('-', ''))
      counts.set(letter, (counts.get(letter) ?? 0) + 1)
  }
  // 2000 of each, give or take ten standard deviations.
  expect(counts.size).toBe(32)
  expect(Math.min(...counts.values())).toBeGreaterThan(1550)
  expect(Math.max(...counts.values())).toBeLessThan(2450)
})

test('no password is made twice', () => {
  expect(new Set(Array.from({ length: 1000 }, generatePassword)).size).toBe(1000)
})
