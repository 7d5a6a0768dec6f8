// Messages of real tools: those of one cause are one cluster, whatever their values, and those of two causes are two.

import { expect, test } from 'bun:test'
import { LabelScore, PairScore } from '../../../scripts/accuracy/scores'
import { findHoles } from '../../../src/analysis/reasons/holes'
import { maskReason } from '../../../src/analysis/reasons/mask'
import { drawMessages, messages } from '../../support/labs/messages'

/** The same numbers each time. */
function diceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each([1, 2, 3])('messages with other values are one cluster (draw %i)', (seed) => {
  const drawn = drawMessages(40, diceOf(seed))
  const reasons = new Map<string, Set<string>>()
  for (const { text } of drawn) {
    const template = maskReason(text)
    reasons.set(template, (reasons.get(template) ?? new Set()).add(text))
  }
  const parents = findHoles([...reasons].map(([text, of]) => ({ text, reasons: of.size })))
  const score = new PairScore()
  const told = drawn.map(({ cause, text }) => {
    const template = maskReason(text)
    return { truth: cause, told: parents.get(template) ?? template }
  })
  score.add(told)
  const { precision, F1 } = score.numbers
  expect(precision).toBe(1)
  expect(F1).toBeGreaterThan(0.98)
  expect(new Set(told.map(({ truth }) => truth)).size).toBe(messages.length)
})

test('scores: pairs of what belongs together, and labels', () => {
  const pairs = new PairScore()
  pairs.add([
    { told: 'a', truth: 1 },
    { told: 'a', truth: 1 },
    { told: 'a', truth: 2 },
    { told: 'b', truth: 2 },
  ])
  // Of three pairs that are told one is right, of two that are right one is told.
  expect(pairs.numbers).toEqual({ precision: 1 / 3, recall: 1 / 2, F1: expect.closeTo(0.4, 12) })
  const labels = new LabelScore()
  labels.add(true, true, { told: 0.2, truth: 0.1 })
  labels.add(true, false)
  labels.add(false, true, { told: 0, truth: 0.1 })
  labels.add(false, false)
  expect(labels.numbers).toEqual({
    precision: 1 / 2,
    recall: 1 / 2,
    F1: 1 / 2,
    'error of the rate': expect.closeTo(0.1, 12),
  })
})
