// A queue with several sources. A source with many items does not delay the others.

export class FairQueue<T> {
  /** The items of each source. No list is empty. The source of the last taken item is at the end. */
  private readonly waiting = new Map<string, T[]>()
  private lastSource: string | undefined

  get isEmpty(): boolean {
    return this.waiting.size === 0
  }

  add(source: string, item: T): void {
    const items = this.waiting.get(source)
    if (items) items.push(item)
    else this.waiting.set(source, [item])
  }

  /** The items of one source. */
  itemsOf(source: string): readonly T[] {
    return this.waiting.get(source) ?? []
  }

  all(): T[] {
    return [...this.waiting.values()].flat()
  }

  /** Takes the next item, from another source than last time if there is one. */
  take(): T | undefined {
    const sources = this.waiting.keys()
    const [first, second] = [sources.next().value, sources.next().value]
    const source = first === this.lastSource ? (second ?? first) : first
    if (source === undefined) return undefined
    const items = this.waiting.get(source) ?? []
    const next = items.shift()
    this.waiting.delete(source)
    if (items.length > 0) this.waiting.set(source, items)
    this.lastSource = source
    return next
  }

  /** Takes all items at once. */
  clear(): T[] {
    const all = this.all()
    this.waiting.clear()
    return all
  }
}
