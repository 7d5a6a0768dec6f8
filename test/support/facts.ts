// What a server is known to hold, fact by fact, so that it can be compared with what it shows.

import type { Client } from './client'

/**
 * Values by what they are of, written as in a URL below /jobs/: the description of job `a1` by `a1`, the status of its
 * test by `a1/tests/1-x`, the value of that one's data by `a1/tests/1-x/data/key`.
 */
export type Facts = Record<string, string>

/** What one request changes, whole or not at all. */
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

  private removedBy({ removes }: Change): string[] {
    if (removes === undefined) return []
    return [...this.known.keys()].filter((fact) => fact === removes || fact.startsWith(`${removes}/`))
  }
}

/** A job with more tests is of those that are made in one go: nobody adds anything below its tests. */
const MAX_TESTS_LOOKED_INTO = 100

/**
 * Reads all that a server shows of the jobs that a search finds.
 *
 * @returns the facts, and a sentence for each that is there twice and each number that does not fit its rows.
 */
export async function readFacts(
  client: Client,
  search: string,
): Promise<{ stored: Map<string, string>; faults: string[] }> {
  const stored = new Map<string, string>()
  const faults: string[] = []
  const note = (fact: string, value: unknown) => {
    if (stored.has(fact)) faults.push(`${fact} is there twice`)
    stored.set(fact, String(value))
  }
  const noteBelow = async (place: string) => {
    for (const { activity } of await client.all(`/jobs/${place}/activities/`))
      note(`${place}/activities/${activity}`, '')
    for (const { key, value } of await client.all(`/jobs/${place}/data/`)) note(`${place}/data/${key}`, value)
  }
  for (const job of await client.all(`/jobs/?search=${search}&omit=activities&include=outcomes`)) {
    note(job.id, job.description)
    await noteBelow(job.id)
    const counted: Record<string, number> = {}
    for (const { tag, status } of job.tests) {
      note(`${job.id}/tests/${tag}`, status)
      counted[status ?? 'unfinished'] = (counted[status ?? 'unfinished'] ?? 0) + 1
      if (job.tests.length <= MAX_TESTS_LOOKED_INTO) await noteBelow(`${job.id}/tests/${tag}`)
    }
    for (const [status, count] of Object.entries(job.outcomes)) {
      if (count !== (counted[status] ?? 0))
        faults.push(`${job.id} counts ${count} ${status} and has ${counted[status] ?? 0}`)
    }
  }
  return { stored, faults }
}
