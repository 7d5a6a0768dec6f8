// For work that looks first and stores afterwards, when another request could store between the two steps.

/** Runs works with the same key one after another, in the order in which they were asked for. */
export class KeyedMutex {
  private readonly last = new Map<string, Promise<unknown>>()

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work) // a failure concerns only its own caller
    this.last.set(key, mine)
    const done = () => {
      if (this.last.get(key) === mine) this.last.delete(key)
    }
    mine.then(done, done)
    return mine
  }
}
