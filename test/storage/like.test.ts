// Patterns with `*`: what fits, and how little of a text they go through.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { LikeAny } from '../../src/storage/sqlite/like'

const matches = (text: string, ...patterns: string[]) => new LikeAny().matches(text, JSON.stringify(patterns))

test.each([
  ['a', 'a', true],
  ['a', 'A', false],
  ['', '', true],
  ['', '*', true],
  ['abc', '*', true],
  ['abc', 'a*c', true],
  ['abc', 'a*b', false],
  ['ab', 'ab*ab', false],
  ['aba', 'ab*ba', false],
  ['a[b]?', '*[b]?', true],
  ['ab', 'a?', false],
  ['a\nb', 'a*b', true],
  ['x-io-y-io', '*io*io', true],
])('%p is like %p: %p', (text, pattern, expected) => {
  expect(matches(text, pattern)).toBe(expected)
})

test('one of several patterns is enough', () => {
  expect([matches('ab', 'x', 'a*'), matches('ab', 'x', 'y*')]).toEqual([true, false])
})

test('any pattern fits what a regular expression of it fits', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (text, pattern) => {
      const plain = text.replaceAll('*', 'c')
      expect(matches(plain, pattern)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(plain))
    }),
  )
})
