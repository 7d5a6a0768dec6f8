// How much is under way, by whose it is. Only those with something under way take memory.

export class KeyCounts {
  private readonly counts = new Map<string, number>()

  of(key: string): number {
    return this.counts.get(key) ?? 0
  }

  begin(key: string): void {
    this.counts.set(key, this.of(key) + 1)
  }

  /** Of something that has begun. */
  end(key: string): void {
    const left = this.of(key) - 1
    if (left > 0) this.counts.set(key, left)
    else this.counts.delete(key)
  }
}
