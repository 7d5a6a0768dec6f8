// Measured values counted by size. Nothing is made for a value: what is counted happens tens of thousands of times a
// second.

export class Histogram {
  /** For each bound the values up to it and above the one before; at the end those above all bounds. */
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
