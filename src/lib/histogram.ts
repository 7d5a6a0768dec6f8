// A histogram of measured values. add() allocates nothing, because it is called tens of thousands of times a second.

export class Histogram {
  /** How many values are up to each bound and above the previous one; the last count is above all bounds. */
  readonly counts: number[]
  sum = 0

  /** @param bounds  ascending. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    let at = 0
    while (value > (this.bounds[at] ?? Number.POSITIVE_INFINITY)) at++
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += value
  }
}
