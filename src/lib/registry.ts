// Things that are found by name. A worker is told a name, because a function cannot be sent to it.

export class Registry<T extends { readonly name: string }> {
  private readonly defined: T[] = []

  /** @param kind  what the items are, for error messages. */
  constructor(private readonly kind: string) {}

  add<S extends T>(item: S): S {
    this.defined.push(item)
    return item
  }

  /**
   * The items of all modules that are loaded.
   *
   * @throws Error when two have the same name.
   */
  byName(): ReadonlyMap<string, T> {
    const byName = new Map(this.defined.map((item) => [item.name, item]))
    if (byName.size === this.defined.length) return byName
    const twice = this.defined.filter((item) => byName.get(item.name) !== item)
    throw new Error(
      `${this.kind} with a name that another one has: ${twice.map(({ name }) => name).join(', ')}`,
    )
  }
}
