// What a server is known to hold, fact by fact, so that it can be compared with what it shows.

/**
 * Values by what they are of, written as in a URL: below /jobs/ the description of job `a1` by `a1`, the status of its
 * test by `a1/tests/1-x`, the value of that one's data by `a1/tests/1-x/data/key`; others by `/users/NAME`.
 */
export type Facts = Record<string, string>

/** Takes note of something that is there. */
export type Note = (fact: string, value: unknown) => void

/** What is changed whole or not at all. */
export interface Change {
  makes?: Facts
  /** With all that is below it. */
  removes?: string
}

export class Truth {
  private readonly known = new Map<string, string>()
  private readonly doubtful: Change[] = []

  /** The change was acknowledged. */
  holds(change: Change): void {
    for (const fact of this.removedBy(change)) this.known.delete(fact)
    for (const [fact, value] of Object.entries(change.makes ?? {})) this.known.set(fact, value)
  }

  /** The change was asked for, and nobody was told what became of it. */
  mayHold(change: Change): void {
    this.doubtful.push(change)
  }

  /** @returns a sentence for everything in which what is stored differs; from then on nothing is in doubt. */
  differences(stored: ReadonlyMap<string, string>): string[] {
    for (const change of this.doubtful.splice(0)) {
      const isGone = this.removedBy(change).every((fact) => !stored.has(fact))
      const isMade = Object.entries(change.makes ?? {}).every(([fact, value]) => stored.get(fact) === value)
      if (isGone && isMade) this.holds(change)
    }
    const differences: string[] = []
    for (const [fact, value] of this.known) {
      const is = stored.get(fact)
      if (is !== value) differences.push(`${fact} should be ${value} and is ${is ?? 'gone'}`)
    }
    for (const fact of stored.keys()) {
      if (!this.known.has(fact)) differences.push(`${fact} is there, and should not be`)
    }
    return differences
  }

  /** Of all facts that are known. */
  get values(): string[] {
    return [...this.known.values()]
  }

  private removedBy({ removes }: Change): string[] {
    if (removes === undefined) return []
    return [...this.known.keys()].filter((fact) => fact === removes || fact.startsWith(`${removes}/`))
  }
}
