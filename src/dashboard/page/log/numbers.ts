// A growing list of whole numbers below 2^32 that needs four bytes a number.

export class NumberList {
  private values = new Uint32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.length * 2)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = value
  }

  /** @returns 0 beyond the end. */
  at(index: number): number {
    return index < this.length ? (this.values[index] ?? 0) : 0
  }

  /** How many numbers of an ascending list are less than `value`: the index of the first one that is not. */
  countBelow(value: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
