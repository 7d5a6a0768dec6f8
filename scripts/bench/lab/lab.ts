// A laboratory as the analysis has to cope with: hosts, plans of tests, environments that are updated, and what breaks.
// A smaller lab has fewer hosts, test cases and environments, so that each test case has as many runs as in a large one.

import { DAY } from '../../../src/lib/time'
import { makeCases, type TestCase } from './cases'
import { Culprits } from './culprits'
import { Environments } from './environments'
import { Random } from './random'
import { reasonOf } from './reasons'

export interface LabOptions {
  /** About how many tests. */
  tests: number
  seed: number
  /** When the newest job began, in microseconds. */
  until: number
}

/** The whole lab is of so many tests. */
const WHOLE = 10_000_000
const HOSTS = 300
const CASES = 20_000
const ENVIRONMENTS = 2000
/** A little more than the default window of all answers. */
const DAYS = 100
const DISTROS = 6
/** Each host runs the first plan so often a day. */
const SMOKE_A_DAY = 0.9
const SMOKE_TESTS = 20
const MOST_TESTS = 400
const BRANCHES = ['main', 'main', 'main', 'main', 'stable-9', 'stable-10', 'next']
/** Causes of failures that are no culprit, by their numbers. */
const FLAKY = 1_000_000
const BROKEN_HOST = 2_000_000

interface Plan {
  name: string
  first: number
  tests: number
  hosts: number[]
  branches: string[]
  /** Its share of the jobs, up to and with this plan. */
  share: number
  /** All its tests name their environment; else the first one does, for the job. */
  namesAll: boolean
}

export class Lab {
  readonly hosts: number
  readonly cases: TestCase[]
  readonly environments: Environments
  readonly jobs: number
  private readonly plans: Plan[]
  private readonly culprits: Culprits

  constructor(readonly options: LabOptions) {
    const { tests, seed } = options
    const scale = tests / WHOLE
    this.hosts = Math.max(4, Math.round(HOSTS * scale))
    this.cases = makeCases(seed, Math.max(100, Math.round(CASES * scale)))
    this.environments = new Environments(seed, Math.max(20, ENVIRONMENTS * scale))
    this.culprits = new Culprits(seed, { cases: this.cases.length, days: DAYS, distros: DISTROS })
    const smoke = Math.min(this.hosts * DAYS * SMOKE_A_DAY, tests / 10 / SMOKE_TESTS)
    this.plans = this.makePlans()
    const mean = this.plans.slice(1).reduce((sum, plan, at) => {
      return sum + plan.tests * (plan.share - (at === 0 ? 0 : (this.plans[at] as Plan).share))
    }, 0)
    const others = (tests - smoke * SMOKE_TESTS) / mean
    this.jobs = Math.round(smoke + others)
    this.smokeShare = smoke / this.jobs
  }

  private readonly smokeShare: number

  /** The first plan runs everywhere; each of the others has test cases and a few hosts of its own. */
  private makePlans(): Plan[] {
    const { seed } = this.options
    const all = Array.from({ length: this.hosts }, (_, host) => host)
    const smoke = { name: 'smoke', first: 0, tests: SMOKE_TESTS, hosts: all, branches: ['main'] }
    const plans: Plan[] = [{ ...smoke, share: 0, namesAll: false }]
    let sum = 0
    for (let first = SMOKE_TESTS; first < this.cases.length; ) {
      const random = new Random(seed, 9, plans.length)
      const most = Math.min(MOST_TESTS, this.cases.length / 4)
      const tests = Math.min(Math.round(random.logBetween(20, most)), this.cases.length - first)
      sum += random.logBetween(0.3, 3)
      plans.push({
        name: `${(this.cases[first] as TestCase).suite}-${plans.length}`,
        ...{ first, tests, share: sum },
        hosts: Array.from({ length: 2 + random.below(10) }, () => random.below(this.hosts)),
        branches: Array.from({ length: 1 + random.below(3) }, () => random.pick(BRANCHES)),
        namesAll: random.chance(0.25),
      })
      first += tests
    }
    return plans.map((plan) => ({ ...plan, share: plan.share / sum }))
  }

  /** When a job began, in microseconds. @param job  from 0, in the order of their times */
  private timeOf(job: number): number {
    const step = (DAYS * DAY) / this.jobs
    const early = new Random(this.options.seed, 10, job).between(0, 20 * step)
    return Math.round(this.options.until - (this.jobs - job) * step - early)
  }

  /** A job as a client sends it, a line of NDJSON. @param ids  of the environments, by their numbers */
  lineOf(job: number, ids: readonly number[]): { line: string; tests: number } {
    const { seed, until } = this.options
    const random = new Random(seed, 11, job)
    const plan = this.planOf(random)
    const host = random.pick(plan.hosts)
    const branch = random.pick(plan.branches)
    const time = this.timeOf(job)
    const day = DAYS - (until - time) / DAY
    const group = host % this.environments.groups
    const environment = ids[this.environments.numberAt(group, day / DAYS)]
    const place = { host, day, distro: this.environments.distroOf(group) }
    let at = time + 2_000_000
    let failures = 0
    const tests = Array.from({ length: plan.tests }, (_, index) => {
      const { status, seconds, reason } = this.runOf(plan.first + index, place, random)
      const { suite, text } = this.cases[plan.first + index] as TestCase
      const named = suite.length % 3 === 0
      const started = at
      at += Math.round(seconds * 1e6) + 30_000
      if (reason !== undefined) failures++
      return {
        tag: `${named ? `${suite}-` : ''}${String(index + 1).padStart(3, '0')}-${text}`,
        ...(named && { suite }),
        status,
        started: formatted(started),
        elapsed_time: seconds,
        ...(reason !== undefined && { fail_reason: reason }),
        ...((plan.namesAll || index === 0) && { environment }),
      }
    })
    const line = JSON.stringify({
      id: new Random(seed, 12, job).hex(40),
      description: `${plan.name} on ${nameOf(host)}, ${branch}`,
      time: formatted(time),
      elapsed_time: (at - time) / 1e6,
      status: failures > 0 ? 'FAIL' : 'PASS',
      labels: { host: nameOf(host), branch, plan: plan.name, build: `${branch}-${Math.floor(day)}` },
      tests,
    })
    return { line, tests: tests.length }
  }

  private planOf(random: Random): Plan {
    if (random.chance(this.smokeShare)) return this.plans[0] as Plan
    const share = random.next()
    return this.plans.slice(1).find((plan) => share < plan.share) ?? (this.plans.at(-1) as Plan)
  }

  private runOf(testcase: number, place: { host: number; day: number; distro: number }, random: Random) {
    const { seconds: usual, failing, skipped } = this.cases[testcase] as TestCase
    const seconds = Math.round(usual * random.between(0.9, 1.1) * 1e4) / 1e4
    const cause = this.causeOf(testcase, failing, place, random)
    if (skipped) return { status: 'SKIP', seconds: 0 }
    if (cause === undefined) return { status: random.chance(0.005) ? 'WARN' : 'PASS', seconds }
    const status = cause % 5 === 0 ? 'ERROR' : 'FAIL'
    return { status, seconds, reason: reasonOf(this.options.seed, cause, random, nameOf(place.host)) }
  }

  private causeOf(
    testcase: number,
    failing: number,
    { host, day, distro }: { host: number; day: number; distro: number },
    random: Random,
  ): number | undefined {
    if (this.culprits.isBroken(host, day, DAYS) && random.chance(0.9)) return BROKEN_HOST + host
    if (random.chance(failing)) return FLAKY + testcase
    return this.culprits.breaking(testcase, { day, distro }, random)
  }
}

function nameOf(host: number): string {
  return `rack${Math.floor(host / 20) + 1}-host${String((host % 20) + 1).padStart(2, '0')}`
}

function formatted(microseconds: number): string {
  return new Date(Math.round(microseconds / 1000)).toISOString()
}
