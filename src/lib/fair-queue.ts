// A queue in which whoever asks for much does not keep others from their turn.

export class FairQueue<T> {
  /** By who waits. No list is empty, and who had a turn stands behind all others. */
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

  /** What one of them waits for. */
  of(from: string): readonly T[] {
    return this.waiting.get(from) ?? []
  }

  all(): T[] {
    return [...this.waiting.values()].flat()
  }

  /** Takes the next one: from somebody else than the last one, where somebody else waits. */
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

  /** Takes all of them at once. */
  clear(): T[] {
    const all = this.all()
    this.waiting.clear()
    return all
  }
}
