import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { regressionOf, regressionOfPlace } from '../../../src/analysis/since/regression'
import { rowsOf } from '../series'

const place = (runs: string, first = 0) => {
  const found = regressionOfPlace(rowsOf(runs, first))
  if (!found) throw new Error('It never failed')
  return found
}

test('a regression is open as long as the last run failed', () => {
  const { probability, ...rest } = place('PPFPPPPPPPFFFFF')
  expect(rest).toEqual({
    state: 'open',
    firstBad: { position: 10, low: 9, high: 11 },
    lastGood: 9,
    lastBad: 14,
    fixedIn: null,
  })
  expect(probability).toBeCloseTo(0.995, 3)
})

test.each([
  ['PPPPPFFFFFPPPPP', 'fixed'],
  ['PPPPPFFFFFP', 'fixed'], // it failed each time, so that one pass is enough
  ['PPPPPFFPFFP', 'fixing'], // it passed once while it was broken
  ['PPPPPFFPFFPP', 'fixed'],
  ['PPPPPFFPFFPPP', 'fixed'],
] as const)('%s is %s', (runs, state) => {
  expect(place(runs)).toMatchObject({ state, firstBad: { position: 5 }, lastGood: 4, fixedIn: 10 })
})

test('a host on which it never passed has no first bad job', () => {
  expect(place('FFFF')).toEqual({
    state: 'never_passed',
    probability: 0,
    firstBad: null,
    lastGood: null,
    lastBad: 3,
    fixedIn: null,
  })
})

test('failures that come and go, and a single one, are no regression', () => {
  expect(place('PFPFPFPFPFPFPFP').state).toBe('none')
  expect(place('PPPPPPPPPF').state).toBe('none')
  expect(regressionOfPlace(rowsOf('PPPP'))).toBeUndefined()
  expect(regressionOfPlace([])).toBeUndefined()
})

test('over all hosts it began where it began first, and is open while it is open anywhere', () => {
  const [late, early, never] = [place('PPPPPFFFFF', 100), place('PPPPPFFFFFPPPPP', 50), place('FFFF', 20)]
  const found = regressionOf([late, early, never])
  expect(found).toMatchObject({
    state: 'open',
    firstBad: { position: 55 },
    lastGood: 54,
    lastBad: 109,
    fixedIn: null,
  })
})

test('it is fixed where it was fixed last', () => {
  const [one, two] = [place('PPPPPFFFFFPPPPP', 100), place('PPPPPFFFFFPPPPP', 50)]
  expect(regressionOf([one, two])).toMatchObject({ state: 'fixed', fixedIn: 110, lastBad: 109 })
})

test('a test case that passed nowhere has never passed, and one without a regression has none', () => {
  expect(regressionOf([place('FFFF', 3), place('FFF', 20)])).toMatchObject({
    state: 'never_passed',
    firstBad: null,
    lastBad: 22,
  })
  expect(regressionOf([place('PPPPPPPPPF')])).toMatchObject({ state: 'none', firstBad: null })
  expect(regressionOf([])).toMatchObject({ state: 'none', probability: 0 })
})

test('jobs are in order: last good, first bad, last bad, fix', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('P', 'F', 'P'), maxLength: 60 }), (runs) => {
      const found = regressionOfPlace(rowsOf(runs, 10))
      expect(found === undefined).toBe(!runs.includes('F'))
      if (!found?.firstBad) return
      const { lastGood, firstBad, lastBad, fixedIn, state } = found
      expect(firstBad.position).toBeLessThanOrEqual(lastBad)
      if (lastGood !== null) expect(lastGood).toBeLessThan(firstBad.position)
      if (fixedIn !== null) expect(fixedIn).toBe(lastBad + 1)
      expect(runs.endsWith('F')).toBe(fixedIn === null)
      if (state === 'open') expect(fixedIn).toBeNull()
    }),
  )
})

test('the order of the hosts does not matter', () => {
  const strings = fc.array(fc.string({ unit: fc.constantFrom('P', 'F'), maxLength: 30 }), { maxLength: 4 })
  fc.assert(
    fc.property(strings, (hosts) => {
      const places = hosts.flatMap((runs, at) => regressionOfPlace(rowsOf(runs, at * 10)) ?? [])
      const distinct = new Set(places.map(({ firstBad }) => firstBad?.position)).size === places.length
      if (distinct) expect(regressionOf(places.toReversed())).toEqual(regressionOf(places))
    }),
  )
})
