// Counts running operations by key. Keys without a running operation take no memory.

export class KeyCounts {
  private readonly counts = new Map<string, number>()

  get(key: string): number {
    return this.counts.get(key) ?? 0
  }

  begin(key: string): void {
    this.counts.set(key, this.get(key) + 1)
  }

  /** Must follow a begin() with the same key. */
  end(key: string): void {
    const remaining = this.get(key) - 1
    if (remaining > 0) this.counts.set(key, remaining)
    else this.counts.delete(key)
  }
}
