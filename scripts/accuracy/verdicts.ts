// Which jobs of a lab are infrastructure, by the arithmetic of the server alone: thousands of jobs a second, without a
// server. Hosts, branches and distros are taken as the lab tells them.

import {
  type JudgedJob,
  judge,
  type Outcome,
  type Outcomes,
  type Records,
  type Verdict,
} from '../../src/analysis/infrastructure/judge'

export interface MemoryTest {
  name: string
  variant: string
  failed: boolean
  isError: boolean
  environment: number | null
}

export interface MemoryJob {
  id: string
  host: string | null
  branch: string | null
  distro: string | null
  /** In microseconds. */
  time: number
  /** In the order in which they ran, each with an outcome. */
  tests: MemoryTest[]
}

/** Jobs in the order of time, and by the number of an environment the versions of its components by name. */
export interface MemoryLab {
  jobs: MemoryJob[]
  environments: ReadonlyMap<number, ReadonlyMap<string, string>>
}

interface Job extends JudgedJob {
  of: MemoryJob
  outcomes: Outcomes
}

class MemoryRecords implements Records<Job> {
  readonly leftOut = new Set<number>()
  private readonly byHost: ReadonlyMap<string | null, Job[]>
  private readonly names: string[] = []
  private readonly changes = new Map<string, ReadonlySet<string> | null>()
  readonly jobs: Job[]

  constructor(private readonly lab: MemoryLab) {
    const numbers = new Map<string, number>()
    const numberOf = (text: string) => {
      const known = numbers.get(text) ?? numbers.size
      numbers.set(text, known)
      return known
    }
    this.jobs = lab.jobs.map((of, number) => ({
      ...{ number, of, time: of.time, outcomes: new Map<number, Outcome>() },
      branch: of.branch === null ? null : numberOf(`branch ${of.branch}`),
      distro: of.distro === null ? null : numberOf(`distro ${of.distro}`),
    }))
    for (const { of, outcomes } of this.jobs) {
      for (const { name, variant, failed, isError, environment } of of.tests) {
        const testcase = numberOf(`test ${name};${variant}`)
        this.names[testcase] = name
        const first = outcomes.get(testcase)
        ;(outcomes as Map<number, Outcome>).set(testcase, {
          failed: failed && first?.failed !== false,
          ...{ isError, environment },
        })
      }
    }
    this.byHost = Map.groupBy(
      this.jobs.filter(({ outcomes }) => outcomes.size > 0),
      ({ of }) => of.host,
    )
  }

  async outcomesOf({ outcomes }: Job, testcases?: ReadonlySet<number>): Promise<Outcomes> {
    return testcases ? new Map([...outcomes].filter(([testcase]) => testcases.has(testcase))) : outcomes
  }

  async *earlier(job: Job): AsyncGenerator<Job> {
    const all = this.byHost.get(job.of.host) ?? []
    for (const one of all.slice(0, all.indexOf(job)).toReversed())
      if (!this.leftOut.has(one.number)) yield one
  }

  async *later(job: Job): AsyncGenerator<Job> {
    const all = this.byHost.get(job.of.host) ?? []
    yield* all.slice(all.indexOf(job) + 1)
  }

  async namesOf(testcases: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return new Map(testcases.map((testcase) => [testcase, this.names[testcase] ?? '']))
  }

  async changed(one: number | null, other: number | null): Promise<ReadonlySet<string> | null> {
    if (one === other) return new Set()
    const before = one === null ? undefined : this.lab.environments.get(one)
    const after = other === null ? undefined : this.lab.environments.get(other)
    if (!before || !after) return null
    const key = `${Math.min(one ?? 0, other ?? 0)} ${Math.max(one ?? 0, other ?? 0)}`
    let changed = this.changes.get(key)
    if (changed === undefined) {
      const names = new Set([...before.keys(), ...after.keys()])
      changed = new Set([...names].filter((name) => before.get(name) !== after.get(name)))
      this.changes.set(key, changed)
    }
    return changed
  }
}

/** The verdicts on the mass failures of a lab, by the ids of the jobs; `atFirst`: before any later job had run. */
export async function verdictsOf(
  lab: MemoryLab,
): Promise<Map<string, { verdict: Verdict; atFirst: Verdict; recovered: boolean }>> {
  const records = new MemoryRecords(lab)
  const found = new Map<string, { verdict: Verdict; atFirst: Verdict; recovered: boolean }>()
  const nothingLater = Object.assign(Object.create(records) as MemoryRecords, {
    later: async function* () {},
  })
  // In the order of time: what is found of one job decides what the later ones are compared with.
  for (const job of records.jobs) {
    const judged = await judge(job, records)
    if (!judged) continue
    const { verdict, recovered } = judged
    const atFirst = (await judge(job, nothingLater as never))?.verdict ?? 'none'
    if (recovered || verdict === 'infrastructure') records.leftOut.add(job.number)
    found.set(job.of.id, { verdict, atFirst, recovered })
  }
  return found
}
