import { expect, test } from 'bun:test'
import { RepeatedNames } from '../../src/ingest/repeated-names'

test('a name that comes again has a number', () => {
  const names = new RepeatedNames()
  expect(['a', 'b', 'a', 'a', 'b'].map((name) => names.distinct(name))).toEqual([
    'a',
    'b',
    'a#2',
    'a#3',
    'b#2',
  ])
})

test('the separator is given', () => {
  const names = new RepeatedNames('-')
  expect(['out', 'out'].map((name) => names.distinct(name))).toEqual(['out', 'out-2'])
})

test('names are told apart by their places', () => {
  const names = new RepeatedNames()
  const distinct = (place: string) => names.distinct('key', { place })
  expect([distinct('one'), distinct('other'), distinct('one')]).toEqual(['key', 'key', 'key#2'])
})

test('names that others have are passed over', () => {
  const names = new RepeatedNames()
  const taken = new Set(['a', 'a#2'])
  const isFree = (name: string) => !taken.has(name)
  expect(names.distinct('a', { isFree })).toBe('a#3')
})

test('no number is tried twice, however often a name comes', () => {
  const names = new RepeatedNames()
  const taken = new Set<string>()
  let tries = 0
  const isFree = (name: string) => {
    tries++
    return !taken.has(name)
  }
  for (let count = 0; count < 1000; count++) taken.add(names.distinct('a', { isFree }))
  expect(taken.size).toBe(1000)
  expect(tries).toBeLessThanOrEqual(2000)
})
