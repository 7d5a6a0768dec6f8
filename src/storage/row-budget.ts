// Row budgets: before a query starts, it declares how many rows it may scan. A query with a large budget runs in the
// reader's worker, so that no other request waits for it.

/** A query with a larger budget runs in the worker. Scanning so many rows takes a few milliseconds. */
export const FEW_ROWS = 2000

/** A query or the next part of a query: its work, and about how many rows it may scan. */
export class Step<T> {
  constructor(
    readonly rowBudget: number,
    private readonly work: () => MaybeLater<Planned<T>>,
  ) {}

  /** @returns the result, or the next step when its budget depends on the result of this one. */
  async run(): Promise<Planned<T>> {
    return this.work()
  }

  /** The same query, with `change` applied to its result. `change` may go on with another step. */
  map<U>(change: (result: T) => MaybeLater<Planned<U>>): Step<U> {
    return new Step(this.rowBudget, async () => {
      const outcome = await this.run()
      return outcome instanceof Step ? outcome.map(change) : change(outcome)
    })
  }
}

export type Planned<T> = T | Step<T>
type MaybeLater<T> = T | Promise<T>

/** @param rows  about how many rows `work` may scan. A query that estimates this must scan few rows itself. */
export function withRowBudget<T>(rows: number, work: () => MaybeLater<Planned<T>>): Step<T> {
  return new Step(rows, work)
}

export async function runSteps<T>(first: Step<T>): Promise<T> {
  let outcome: Planned<T> = first
  while (outcome instanceof Step) outcome = await outcome.run()
  return outcome
}

/** @returns undefined when the budget of a step exceeds `maxRows`; the step is not run. */
export async function runStepsWithin<T>(first: Step<T>, maxRows: number): Promise<T | undefined> {
  let outcome: Planned<T> = first
  while (outcome instanceof Step) {
    if (outcome.rowBudget > maxRows) return undefined
    outcome = await outcome.run()
  }
  return outcome
}
