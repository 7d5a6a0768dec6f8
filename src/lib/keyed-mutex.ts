// A mutex per key, for work that reads and then writes while another request could write in between.

/** Runs work with the same key one after another, in the order of the calls. */
export class KeyedMutex {
  private readonly last = new Map<string, Promise<unknown>>()

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work) // only the caller of the failed work gets its error
    this.last.set(key, mine)
    const done = () => {
      if (this.last.get(key) === mine) this.last.delete(key)
    }
    mine.then(done, done)
    return mine
  }
}
