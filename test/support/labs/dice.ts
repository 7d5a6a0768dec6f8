// Chance that is the same for the same seed, on every machine.

export class Dice {
  private a: number
  private b: number
  private c: number
  private counter = 1

  /** @param seed  any text; different texts give independent dice. */
  constructor(private readonly seed: string) {
    const hash = (salt: number) => Bun.hash.xxHash32(seed, salt) | 0
    this.a = hash(1)
    this.b = hash(2)
    this.c = hash(3)
    for (let round = 0; round < 12; round++) this.next()
  }

  /** Dice for one purpose, so that a lab with another option stays the same elsewhere. */
  for(purpose: string): Dice {
    return new Dice(`${this.seed}/${purpose}`)
  }

  /** sfc32, see https://pracrand.sourceforge.net/RNG_engines.txt. 32 bits. */
  private next(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 to below 1. */
  share(): number {
    return this.next() / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.share() < probability
  }

  between(low: number, high: number): number {
    return low + this.share() * (high - low)
  }

  /** Each factor of the range is as likely, so that small numbers are as frequent as large ones. */
  scale(low: number, high: number): number {
    return Math.exp(this.between(Math.log(low), Math.log(high)))
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1))
  }

  /** Time until the next of events that come at random. */
  wait(mean: number): number {
    return -mean * Math.log(1 - this.share())
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.share() * list.length)] as T
  }

  /** Some of the list, in its order. */
  some<T>(list: readonly T[], count: number): T[] {
    const chosen = new Set<number>()
    while (chosen.size < Math.min(count, list.length)) chosen.add(Math.floor(this.share() * list.length))
    return list.filter((_, at) => chosen.has(at))
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.whole(0, 15).toString(16)).join('')
  }
}
