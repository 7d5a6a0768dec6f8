// What a thread of its own does for others is told to it by name: values go there, and functions do not.

export class Named<T extends { readonly name: string }> {
  private readonly defined: T[] = []

  /** @param kind  what they are, for errors. */
  constructor(private readonly kind: string) {}

  add<S extends T>(item: S): S {
    this.defined.push(item)
    return item
  }

  /**
   * Those of all modules that are loaded.
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
