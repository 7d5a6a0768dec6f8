// Strips of runs: which runs share a column, where keys lead, and what series are called.

import { describe, expect, test } from 'bun:test'
import { axisMarks, columnsOf } from '../../../src/dashboard/page/strips/columns'
import { namesOf, seriesText } from '../../../src/dashboard/page/strips/names'
import { walk } from '../../../src/dashboard/page/strips/navigation'
import { shapeOf } from '../../../src/dashboard/page/strips/shapes'

/** Runs at these hours of a month. */
const at = (...hours: number[]) => hours.map((hour) => ({ time: new Date(hour * 3_600_000).toISOString() }))

describe('columns', () => {
  test('hosts of one night share a column, in whatever order they ran', () => {
    expect(columnsOf([at(1, 25, 50), at(2, 24, 49)]).of).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
  })

  test('a host that missed a night has no run there', () => {
    expect(columnsOf([at(1, 25, 73), at(2, 26, 50, 74)]).of).toEqual([
      [0, 1, 3],
      [0, 1, 2, 3],
    ])
  })

  test('two runs of a series are never in one column, however near', () => {
    expect(columnsOf([at(1, 1, 1)]).of).toEqual([[0, 1, 2]])
  })

  test('runs of one time stay in their order', () => {
    expect(columnsOf([at(5, 5), at(5)]).of).toEqual([[0, 1], [0]])
  })

  test('without runs there is no column', () => {
    expect(columnsOf([[], []])).toEqual({ of: [[], []], times: [] })
  })

  test('the newest column has a date', () => {
    expect(axisMarks([10, 20, 30, 40], 2)).toEqual([
      { column: 1, time: 20 },
      { column: 3, time: 40 },
    ])
  })
})

describe('keys', () => {
  const rows = [
    { columns: [0, 1, 2, 3], changed: [false, true, false, true] },
    { columns: [2, 5], changed: [false, false] },
  ]
  const steps: [string, { row: number; index: number }, { row: number; index: number } | undefined][] = [
    ['ArrowLeft', { row: 0, index: 1 }, { row: 0, index: 0 }],
    ['ArrowLeft', { row: 0, index: 0 }, undefined],
    ['ArrowRight', { row: 0, index: 3 }, undefined],
    ['Home', { row: 0, index: 2 }, { row: 0, index: 0 }],
    ['End', { row: 0, index: 2 }, { row: 0, index: 3 }],
    ['ArrowDown', { row: 0, index: 3 }, { row: 1, index: 0 }],
    ['ArrowDown', { row: 1, index: 0 }, undefined],
    ['ArrowUp', { row: 1, index: 1 }, { row: 0, index: 3 }],
    ['t', { row: 0, index: 1 }, { row: 0, index: 3 }],
    ['t', { row: 0, index: 3 }, undefined],
    ['T', { row: 0, index: 3 }, { row: 0, index: 1 }],
    ['T', { row: 0, index: 0 }, undefined],
    ['x', { row: 0, index: 0 }, undefined],
  ]
  test.each(steps)('%s from %j leads to %j', (key, from, to) => {
    expect(walk(rows, from, key)).toEqual(to as never)
  })
})

describe('names', () => {
  const series = (host: string | null, branch: string | null, distro: string | null, testcase = 'a') => ({
    ...{ testcase, host, branch, distro },
  })
  const named = (all: ReturnType<typeof series>[]) => all.map((one) => seriesText(namesOf(all)(one)))

  test('a series is named by the parts that differ', () => {
    expect(
      named([series('rack1', null, 'fedora 43 x86_64'), series('rack2', null, 'fedora 44 x86_64')]),
    ).toEqual(['rack1', 'rack2'])
    expect(named([series('rack1', 'main', null), series('rack1', null, null)])).toEqual([
      'rack1, main',
      'rack1, no branch',
    ])
    expect(named([series('rack1', null, 'fedora 43'), series('rack1', null, null)])).toEqual([
      'rack1, fedora 43',
      'rack1, unknown distribution',
    ])
    expect(named([series(null, null, null, 'a;x=1'), series(null, null, null, 'a')])).toEqual([
      'unknown host, x=1',
      'unknown host, no variant',
    ])
  })
})

test('an error is a failure, and a flake is hollow', () => {
  const run = { status: 'ERROR', outcome: 'failed', flake: false } as const
  expect(shapeOf(run)).toBe('run-fail')
  expect(shapeOf({ ...run, flake: true })).toBe('run-flake')
  expect(shapeOf({ ...run, infrastructure: true })).toBe('run-bad-night')
  expect(shapeOf({ status: 'WARN', outcome: 'passed', flake: false })).toBe('run-pass')
  expect(shapeOf({ status: 'TEST_NA', outcome: 'none', flake: false })).toBe('run-none')
})
