// Makes repeated names unique with a number: the second `a` is `a#2`.

export class RepeatedNames {
  /** The next number of each name. Without it, 100,000 equal names would need 5 billion attempts. */
  readonly #next = new Map<string, number>()

  /** @param separator  between a name and its number. */
  constructor(readonly separator: '#' | '-' = '#') {}

  /**
   * Returns the name itself the first time, and with a number from then on.
   *
   * @param place  the scope and name that must be unique; default: the name.
   * @param isFree  whether a name is still available.
   */
  distinct(name: string, { place = name, isFree = (_: string): boolean => true } = {}): string {
    if (this.#next.has(place) || !isFree(name)) return this.numbered(name, { place, isFree })
    this.#next.set(place, 2)
    return name
  }

  /** Returns the name with the next free number. */
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
