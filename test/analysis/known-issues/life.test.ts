// When a known issue ends, and when it comes back.

import { expect, test } from 'bun:test'
import { spansOf, uniteSpans } from '../../../src/analysis/known-issues/life'
import { DAY } from '../../../src/lib/time'

/** T failed with it, U failed otherwise, P passed; a run a day. Two letters in a row are of two hosts. */
function lives(...nights: string[]) {
  const runs = nights.flatMap((night, day) =>
    [...night].map((letter, host) => ({ time: day * DAY, host, failed: letter !== 'P', letter })),
  )
  return spansOf(runs, ({ letter }) => letter === 'T').map((span) => span.map((time) => time / DAY))
}

test('it ends with the fifth pass in a row, and begins again with the next failure', () => {
  expect(lives('T', 'T', 'U', 'T', 'P', 'P', 'P', 'P', 'P', 'T')).toEqual([
    [0, 8],
    [9, 39],
  ])
})

test('another failure breaks the row of passes', () => {
  expect(lives('T', 'P', 'P', 'P', 'P', 'U', 'P', 'P', 'P', 'P', 'P', 'P')).toEqual([[0, 10]])
})

test('every host that failed has to pass', () => {
  expect(lives('TT', 'PT', 'PP', 'PP', 'PP', 'PP', 'PT')).toEqual([[0, 36]])
  expect(lives('TP', 'PP', 'PP', 'PP', 'PP', 'PP', 'PT')).toEqual([
    [0, 5],
    [6, 36],
  ])
})

test('it ends after 30 days without such a failure', () => {
  const quiet = Array(31).fill('U')
  expect(lives('T', ...quiet, 'T')).toEqual([
    [0, 30],
    [32, 62],
  ])
  expect(lives('T', ...quiet.slice(2), 'T')).toEqual([[0, 60]])
})

test('the spans of several tests are one where they overlap or touch', () => {
  expect(
    uniteSpans([
      [5, 7],
      [1, 2],
      [2, 4],
      [6, 9],
    ]),
  ).toEqual([
    [1, 4],
    [5, 9],
  ])
})
