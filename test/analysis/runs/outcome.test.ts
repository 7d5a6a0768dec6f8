import { expect, test } from 'bun:test'
import { compareRuns } from '../../../src/analysis/runs/order'
import { outcomeOf } from '../../../src/analysis/runs/outcome'
import { findTestStatus } from '../../../src/results/statuses/model'

function columnsOf(word: string, reason: string | null = null) {
  const found = findTestStatus(word)
  return { status: found?.status ?? null, reported_status: found?.reported ?? null, reason }
}

test.each([
  ['PASS', 'passed'],
  ['WARN', 'passed'],
  ['FAIL', 'failed'],
  ['ERROR', 'failed'],
  ['TEST_NA', 'none'],
  ['SKIP', 'none'],
  ['CANCEL', 'none'],
  ['INTERRUPTED', 'none'],
] as const)('%s: %s', (word, outcome) => {
  expect(outcomeOf(columnsOf(word))).toBe(outcome)
})

test('a test that has not ended says nothing', () => {
  expect(outcomeOf({ status: null, reported_status: null, reason: null })).toBe('none')
})

test.each([
  'Test interrupted: Timeout reached',
  'timed out after 600 s',
  'TIME-OUT',
  'the guest had a time out',
])('a test that was interrupted with "%s" hung', (reason) => {
  expect(outcomeOf(columnsOf('INTERRUPTED', reason))).toBe('failed')
})

test('a test interrupted by a person says nothing, whatever the reasons of other statuses say', () => {
  expect(outcomeOf(columnsOf('INTERRUPTED', 'Interrupted by Ctrl-C'))).toBe('none')
  expect(outcomeOf(columnsOf('CANCEL', 'timeout'))).toBe('none')
  expect(outcomeOf(columnsOf('PASS', 'timeout'))).toBe('passed')
})

test('the last test of a job whose time was up says nothing, and one after which others started hung', () => {
  const hung = columnsOf('INTERRUPTED', 'Timeout reached')
  expect(outcomeOf(hung, { jobHasTimeout: true, jobWentOn: false })).toBe('none')
  expect(outcomeOf(hung, { jobHasTimeout: true, jobWentOn: true })).toBe('failed')
  expect(outcomeOf(hung, { jobHasTimeout: false, jobWentOn: false })).toBe('failed')
})

test('runs are ordered by start, then by job, then by tag', () => {
  const run = (time: number, job: string, tag: string) => ({ time, job, tag })
  const ordered = [run(1, 'b', '2-t'), run(2, 'a', '1-t'), run(2, 'a', '2-t'), run(2, 'b', '1-t')]
  expect(ordered.toReversed().sort(compareRuns)).toEqual(ordered)
  expect(compareRuns(run(2, 'a', '1-t'), run(2, 'a', '1-t'))).toBe(0)
})
