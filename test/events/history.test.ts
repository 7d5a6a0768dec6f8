// Which commits can be made up for.

import { expect, test } from 'bun:test'
import { CommitHistory } from '../../src/events/history'

const jobs = (ids: number[]) => ids.map((id) => ({ kind: 'job' as const, id }))

test('what came after a commit is known, for each that was heard of and for the last one before', () => {
  const history = new CommitHistory(10)
  history.add({ change: 11, changes: jobs([1]) })
  history.add({ change: 12, changes: jobs([]) })
  history.add({ change: 14, changes: jobs([2, 1]) })
  const known = [9, 10, 11, 12, 13, 14, 15].map((change) => history.jobsAfter(change))
  expect(known).toEqual([
    undefined,
    new Set([1, 2]),
    new Set([2, 1]),
    new Set([2, 1]),
    new Set([2, 1]),
    new Set(),
    undefined,
  ])
})

test('1000 commits that touched a job are remembered', () => {
  const history = new CommitHistory(0)
  for (let change = 1; change <= 1001; change++) history.add({ change, changes: jobs([change]) })
  expect(history.jobsAfter(0)).toBeUndefined()
  expect(history.jobsAfter(1)?.size).toBe(1000)
  for (let change = 1002; change <= 3000; change++) history.add({ change, changes: jobs([]) })
  expect(history.jobsAfter(1)?.size).toBe(1000)
  expect(history.jobsAfter(3000)?.size).toBe(0)
})
