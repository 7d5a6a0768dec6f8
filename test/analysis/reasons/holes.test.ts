// Words that differ in eight or more templates that are equal otherwise are values.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { findHoles, type Template } from '../../../src/analysis/reasons/holes'

const names = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jim']
const templatesOf = (sentence: string, words: readonly string[], reasons = 1): Template[] =>
  words.map((word) => ({ text: sentence.replace('NAME', word), reasons }))

test('eight names make a value, seven do not', () => {
  const text = 'Volume of NAME was not found'
  const eight = findHoles(templatesOf(text, names.slice(0, 8)))
  expect([...eight]).toEqual(
    names.slice(0, 8).map((name) => [`Volume of ${name} was not found`, 'Volume of <*> was not found']),
  )
  expect(findHoles(templatesOf(text, names.slice(0, 7))).size).toBe(0)
})

test('words with many different reasons are verbs, not names', () => {
  expect(findHoles(templatesOf('Could not NAME the guest', names, 3)).size).toBe(0)
  expect(findHoles(templatesOf('Could not NAME the guest', names, 2)).size).toBe(10)
})

test('the first word of a short text says what it is about', () => {
  expect(findHoles(templatesOf('NAME is not ready', names)).size).toBe(0)
  expect(findHoles(templatesOf('NAME is not ready yet', names)).size).toBe(10)
})

test('texts of two words are left alone, and a value is none twice', () => {
  expect(findHoles(templatesOf('user NAME', names)).size).toBe(0)
  expect(findHoles([{ text: 'Guest <*> died early today', reasons: 1 }]).size).toBe(0)
})

test('clusters with a member in common are one, named by the widest', () => {
  const byUser = templatesOf('login of NAME on vm failed', names)
  const byGuest = templatesOf('login of ann on NAME failed', names.slice(1, 9))
  const parents = findHoles([...byUser, ...byGuest])
  expect(new Set(parents.values())).toEqual(new Set(['login of <*> on vm failed']))
  expect(parents.size).toBe(18)
})

test('a template with the value in that place belongs to the cluster that has its name', () => {
  const parents = findHoles([
    ...templatesOf('Volume of NAME was lost', names),
    { text: 'Volume of <*> was lost', reasons: 1 },
  ])
  expect(parents.get('Volume of <*> was lost')).toBeUndefined()
  expect(parents.get('Volume of ann was lost')).toBe('Volume of <*> was lost')
})

test('a name of a cluster that has no reasons is no member of another', () => {
  const former = templatesOf('Volume NAME of <*> was lost', names, 0)
  expect(findHoles(former).size).toBe(0)
})

const template = fc.record({
  text: fc
    .tuple(
      fc.constantFrom('a', '<*>'),
      fc.constantFrom(...'abcdefghijkl'),
      fc.constantFrom('x', 'y'),
      fc.constantFrom('u', 'v'),
    )
    .map((words) => words.join(' ')),
  reasons: fc.integer({ min: 0, max: 3 }),
})

test('the result is a function of the set, not of the order, and names are no members', () => {
  const templates = fc.uniqueArray(template, { selector: ({ text }) => text, minLength: 40, maxLength: 90 })
  let found = 0
  fc.assert(
    fc.property(templates, (all) => {
      const parents = findHoles(all)
      found += parents.size
      expect(new Map([...findHoles(all.toReversed())].sort())).toEqual(new Map([...parents].sort()))
      const texts = new Set(all.map(({ text }) => text))
      for (const [member, name] of parents) {
        expect([texts.has(member), parents.has(name), member === name]).toEqual([true, false, false])
        expect(name.split(' ')).toHaveLength(4)
      }
    }),
    { numRuns: 60 },
  )
  expect(found).toBeGreaterThan(0)
})

test('the time grows with the number of words', () => {
  const long = 'w '.repeat(150)
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ text: `${long}n${at} m${at % 7}`, reasons: 1 }))
  const timeOf = (count: number) => {
    const templates = many(count)
    const start = performance.now()
    findHoles(templates)
    return performance.now() - start
  }
  timeOf(500)
  const bestOf = (count: number) => Math.min(...[1, 2, 3, 4].map(() => timeOf(count)))
  // Sixteen times as many, and as much again for caches and a busy machine: 256 times if it were quadratic.
  expect(bestOf(8000) / bestOf(500)).toBeLessThan(100)
})
