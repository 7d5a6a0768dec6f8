// A queue with several sources. A source with many items does not delay the others.

export class FairQueue<T> {
  /** The items of each source. No list is empty. The source of the last taken item is at the end. */
  private readonly waiting = new Map<string, T[]>()
  private lastFrom: string | undefined

  get isEmpty(): boolean {
    return this.waiting.size === 0
  }

  add(from: string, item: T): void {
    const ofSame = this.waiting.get(from)
    if (ofSame) ofSame.push(item)
    else this.waiting.set(from, [item])
  }

  /** The items of one source. */
  of(from: string): readonly T[] {
    return this.waiting.get(from) ?? []
  }

  all(): T[] {
    return [...this.waiting.values()].flat()
  }

  /** Takes the next item, from another source than last time if there is one. */
  take(): T | undefined {
    const places = this.waiting.keys()
    const [first, second] = [places.next().value, places.next().value]
    const from = first === this.lastFrom ? (second ?? first) : first
    if (from === undefined) return undefined
    const ofSame = this.waiting.get(from) ?? []
    const next = ofSame.shift()
    this.waiting.delete(from)
    if (ofSame.length > 0) this.waiting.set(from, ofSame)
    this.lastFrom = from
    return next
  }

  /** Takes all items at once. */
  clear(): T[] {
    const all = this.all()
    this.waiting.clear()
    return all
  }
}
