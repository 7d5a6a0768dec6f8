// Numbers that look random and are the same for the same keys on every machine, in whatever order they are asked for.

const TWO_32 = 2 ** 32

export class Random {
  private state: number

  /** @param keys  whole numbers: what the numbers are for. */
  constructor(...keys: number[]) {
    let state = 0x9e3779b9
    for (const key of keys) state = mix(state ^ mix((key | 0) + 0x7f4a7c15))
    this.state = state
  }

  /** From 0 to 1, without 1. (Mulberry32.) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    return mix(this.state) / TWO_32
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** As many small ones as large ones: the logarithms are evenly spread. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.next()
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits)
      text += Math.floor(this.next() * TWO_32)
        .toString(16)
        .padStart(8, '0')
    return text.slice(0, digits)
  }
}

/** @returns from 0 to 2^32, without that. */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
