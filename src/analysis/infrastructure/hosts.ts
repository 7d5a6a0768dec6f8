// How hosts do: what fails on each, against what would fail there if each test failed as often as on the other hosts.

import type { Blame } from './blame'
import { likeliest } from './blame'

/** Runs of one test case on one host. */
interface Cell {
  runs: number
  failures: number
}

/** What is known of a host. `host`: 0 is unknown. */
export interface HostNumbers {
  host: number
  runs: number
  failures: number
  failed_rate: number | null
  /** null: no other host runs its tests. */
  expected_rate: number | null
  blame: Blame | null
  probability: number | null
}

/** Counts runs by test case and host. */
export class HostCounts {
  private readonly testcases = new Map<number, Map<number, Cell>>()
  private readonly jobs = new Map<number, Set<number>>()
  private readonly allJobs = new Set<number>()

  add({
    testcase,
    host,
    job,
    failed,
  }: {
    testcase: number
    host: number
    job: number
    failed: boolean
  }): void {
    const hosts = this.testcases.get(testcase) ?? new Map<number, Cell>()
    this.testcases.set(testcase, hosts)
    const cell = hosts.get(host) ?? { runs: 0, failures: 0 }
    hosts.set(host, cell)
    cell.runs++
    if (failed) cell.failures++
    this.jobs.set(host, (this.jobs.get(host) ?? new Set()).add(job))
    this.allJobs.add(job)
  }

  /** The numbers of all hosts with runs. */
  numbers(): HostNumbers[] {
    const sums = new Map([...this.jobs.keys()].map((host) => [host, newSums()] as const))
    for (const hosts of this.testcases.values()) {
      let runs = 0
      let failures = 0
      for (const cell of hosts.values()) {
        runs += cell.runs
        failures += cell.failures
      }
      for (const [host, cell] of hosts) {
        const sum = sums.get(host)
        if (!sum) continue
        sum.runs += cell.runs
        sum.failures += cell.failures
        const runsElsewhere = runs - cell.runs
        if (runsElsewhere === 0) continue
        sum.shared += cell.runs
        sum.sharedFailures += cell.failures
        sum.expected += (cell.runs * (failures - cell.failures)) / runsElsewhere
        sum.elsewhere += runsElsewhere
      }
    }
    return [...sums].map(([host, sum]) => this.toNumbers(host, sum))
  }

  private toNumbers(host: number, sum: ReturnType<typeof newSums>): HostNumbers {
    const { runs, failures, shared, sharedFailures, expected, elsewhere } = sum
    const failed_rate = runs === 0 ? null : failures / runs
    if (shared === 0) {
      return { host, runs, failures, failed_rate, expected_rate: null, blame: null, probability: null }
    }
    const expected_rate = expected / shared
    // Other hosts run these tests in other amounts: what counts is how often they would fail with the amounts here.
    const counts = {
      failed: sharedFailures,
      runs: shared,
      failedElsewhere: Math.round(expected_rate * elsewhere),
      runsElsewhere: elsewhere,
    }
    return { host, runs, failures, failed_rate, expected_rate, ...likeliest(counts, this.allJobs.size) }
  }
}

function newSums() {
  return { runs: 0, failures: 0, shared: 0, sharedFailures: 0, expected: 0, elsewhere: 0 }
}
