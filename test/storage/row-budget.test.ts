import { expect, test } from 'bun:test'
import { runSteps, runStepsWithin, withRowBudget } from '../../src/storage/row-budget'

function plan(...budgets: number[]) {
  const begun: number[] = []
  const step = (index: number): ReturnType<typeof withRowBudget<string>> =>
    withRowBudget(budgets[index] ?? 0, () => {
      begun.push(budgets[index] ?? 0)
      return index + 1 < budgets.length ? step(index + 1) : 'found'
    })
  return { first: step(0), begun }
}

test('a query whose steps are within the budget runs to its end', async () => {
  const { first, begun } = plan(0, 100, 2000)
  expect(await runStepsWithin(first, 2000)).toBe('found')
  expect(begun).toEqual([0, 100, 2000])
})

test('a step that would exceed the budget does not begin, nor any after it', async () => {
  const { first, begun } = plan(0, 2001, 5)
  expect(await runStepsWithin(first, 2000)).toBeUndefined()
  expect(begun).toEqual([0])
})

test('without a limit every step runs', async () => {
  const { first, begun } = plan(1e9, 5)
  expect(await runSteps(first)).toBe('found')
  expect(begun).toEqual([1e9, 5])
})

test('the result of the last step can be changed, and the budgets stay', async () => {
  const { first, begun } = plan(7, 2001)
  const changed = first.map((text) => `${text}!`)
  expect(changed.rowBudget).toBe(7)
  expect(await runSteps(changed)).toBe('found!')
  expect(await runStepsWithin(changed, 2000)).toBeUndefined()
  expect(begun).toEqual([7, 2001, 7])
})
