// A query declares how many rows it may look at before it begins. Where that is much, it runs in the reader's worker, so
// that no other request waits for it.

/** A query with a larger budget runs in the worker: to look at so many rows takes some milliseconds. */
export const FEW_ROWS = 2000

/** A query, or the next part of one: how many rows it may look at, about, and the work. */
export class Step<T> {
  constructor(
    readonly rowBudget: number,
    private readonly work: () => Planned<T>,
  ) {}

  /** @returns the result, or the next step where only the result of this one shows how much remains to be done. */
  run(): Planned<T> {
    return this.work()
  }

  /** The same query, with `change` applied to its result. */
  map<U>(change: (result: T) => U): Step<U> {
    return new Step(this.rowBudget, () => {
      const outcome = this.run()
      return outcome instanceof Step ? outcome.map(change) : change(outcome)
    })
  }
}

export type Planned<T> = T | Step<T>

/** @param rows  how many rows `work` may look at, about. Where finding out needs a query, that one looks at few. */
export function withRowBudget<T>(rows: number, work: () => Planned<T>): Step<T> {
  return new Step(rows, work)
}

export function runSteps<T>(first: Step<T>): T {
  let outcome: Planned<T> = first
  while (outcome instanceof Step) outcome = outcome.run()
  return outcome
}

/** @returns undefined when a step would exceed `maxRows`: it has not begun. */
export function runStepsWithin<T>(first: Step<T>, maxRows: number): T | undefined {
  let outcome: Planned<T> = first
  while (outcome instanceof Step) {
    if (outcome.rowBudget > maxRows) return undefined
    outcome = outcome.run()
  }
  return outcome
}
