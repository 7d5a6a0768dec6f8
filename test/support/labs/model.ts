// A made-up lab: what its machines sent to the server, and what was really wrong.

/** What broke some of the tests, if anything. */
export const culprits = ['package', 'kernel', 'host', 'variant', 'interaction', 'none'] as const
export type Culprit = (typeof culprits)[number]

export interface LabOptions {
  seed: number
  culprit: Culprit
  /** When the last day ends, in milliseconds. */
  end: number
  jobs?: number
  days?: number
  hosts?: number
  packages?: number
  /** Names of tests; each runs in four variants. */
  tests?: number
  /** Nights in which the network or the storage of some hosts failed. */
  nights?: number
  /** The share of jobs that arrive hours or days late. */
  late?: number
  /** The culprit breaks a test in a part of its runs only, and more tests are flaky. */
  hard?: boolean
}

/** The body of POST /testenvironments/. */
export interface LabEnvironment {
  distro: { name: string; version: string; release: string; arch: string }
  installed_software_components: {
    name: string
    version: string
    release: string
    checksum: string
    kind: string
    arch: string
  }[]
}

export interface LabTest {
  tag: string
  status: string
  started?: string
  elapsed_time: number
  fail_reason?: string
}

/** The body of POST /jobs/, but for the environment. */
export interface LabJob {
  id: string
  description?: string
  time: string
  elapsed_time: number
  status: string
  labels: Record<string, string>
  /** An index of `environments`; absent: unknown. */
  environment?: number
  tests: LabTest[]
}

export interface LabTruth {
  culprit: Culprit
  /** The test cases that it breaks, as in a tag. */
  affected: string[]
  /** The share of runs in which it breaks them. */
  failRate: number
  component?: { kind: string; name: string; version: string; fixedIn?: string }
  host?: string
  parameter?: string
  /**
   * Ids of jobs: the first in which the culprit was there and an affected test ran, and the first in which one failed.
   * Absent where nothing began: there is no culprit, or it was there from the first job on.
   */
  firstBad?: string
  firstFailed?: string
  firstBadByHost: Record<string, string>
  flaky: { testcase: string; rate: number }[]
  nights: { day: number; hosts: string[] }[]
  /** The cause of each failure: job, tag, and the number of what was wrong. Equal numbers: one sentence. */
  causes: Map<string, Map<string, number>>
  /** The number of the culprit in `causes`. */
  cause?: number
}

export interface Lab {
  environments: LabEnvironment[]
  /** In the order of arrival. */
  jobs: LabJob[]
  truth: LabTruth
}
