// Numbers behind names that come again: the second `a` is `a#2`.

export class RepeatedNames {
  /** By the name: numbers below it are given. Without it, 100,000 equal names would be tried 5 billion times. */
  readonly #next = new Map<string, number>()

  /** @param separator  between a name and its number. */
  constructor(readonly separator: '#' | '-' = '#') {}

  /**
   * The name itself the first time, and with a number from then on.
   *
   * @param place  where it has to be unique; the name alone unless told.
   * @param isFree  whether a name is still to be had.
   */
  distinct(name: string, { place = name, isFree = (_: string): boolean => true } = {}): string {
    if (this.#next.has(place) || !isFree(name)) return this.numbered(name, { place, isFree })
    this.#next.set(place, 2)
    return name
  }

  /** The name with the next number that is free. */
  numbered(name: string, { place = name, isFree = (_: string): boolean => true } = {}): string {
    let number = this.#next.get(place) ?? 2
    while (!isFree(this.#join(name, number))) number++
    this.#next.set(place, number + 1)
    return this.#join(name, number)
  }

  #join(name: string, number: number): string {
    return `${name}${this.separator}${number}`
  }
}
