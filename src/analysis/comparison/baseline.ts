// Which earlier job a job is compared with: the one that is named, or the one that the rule finds. An answer says why.

import { findInTurn } from '../../lib/cooperative'
import { Invalid } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { isOver } from '../../results/core/endings'
import { type Label, readLabel } from '../../results/labels/model'
import type { Connection } from '../../storage/query'
import { FEW_ROWS, type Step, withRowBudget } from '../../storage/row-budget'
import {
  listEarlierJobsWithLabel,
  listEarlierOnDistro,
  listEarlierOnHost,
  MAX_READ,
  namedJob,
  type PlacedJob,
  wasOverBefore,
} from './earlier-jobs'
import { type Place, placeOf } from './place'
import { countFailing, failingTestcases, testcasesOf } from './test-rows'

/** A job is like another one if it has this share of its test cases. */
const SHARE = 0.8
const CANDIDATES = 20
/** An earlier job is read with its plan and the distros like its own. */
const ROWS_OF_JOB = 4
/** How many earlier jobs are searched for the last good one. */
const GOOD_CANDIDATES = 100

export const rules = ['host', 'distro', 'last_good', 'label', 'named', 'none'] as const

export interface Baseline {
  job?: PlacedJob
  rule: (typeof rules)[number]
  /** A sentence for people. */
  reason: string
}

/** What `base=` asks for; undefined: the rule. */
export type AskedBase = { job: string } | { label: Label } | 'last_good' | undefined

/** Reads `base=`: the id, number or the beginning of the id of a job, `last_good`, or `label:KEY:VALUE`. */
export function readAskedBase(text: string): NonNullable<AskedBase> {
  if (text === 'last_good') return text
  return text.startsWith('label:') ? { label: readLabel(text.slice('label:'.length)) } : { job: text }
}

/** @throws Invalid, NotFound or Conflict when the named job cannot be used */
export function findBaseline(
  connection: Connection,
  job: PlacedJob,
  asked: AskedBase,
  now: Microseconds,
): Step<Baseline> {
  if (typeof asked === 'object' && 'job' in asked) {
    return withRowBudget(0, () => askedJob(connection, job, asked.job))
  }
  return withRowBudget(ROWS_OF_JOB * Math.min(MAX_READ, job.number), async () => {
    const search = new Search(connection, job, now, await placeOf(connection, job))
    if (asked === undefined) return search.byRule()
    return asked === 'last_good' ? search.lastGood() : search.byLabel(asked.label)
  })
}

async function askedJob(connection: Connection, job: PlacedJob, reference: string): Promise<Baseline> {
  const base = await namedJob(connection, reference)
  if (base.number === job.number) {
    throw new Invalid({ base: 'This is the job itself: name another one to compare it with.' })
  }
  return { job: base, rule: 'named', reason: 'The job that was asked for.' }
}

/** Looks through the jobs before one. */
class Search {
  constructor(
    private readonly connection: Connection,
    private readonly job: PlacedJob,
    private readonly now: Microseconds,
    private readonly place: Place,
  ) {}

  async byRule(): Promise<Step<Baseline>> {
    const onHost = await this.likely(listEarlierOnHost, CANDIDATES)
    const onDistro = await this.likely(listEarlierOnDistro, CANDIDATES)
    return withRowBudget(this.rowsOf([...onHost, ...onDistro]), async () => {
      const isLike = await this.isLike()
      const { host, distro } = this.place
      const near = await findInTurn(onHost, isLike)
      if (near) {
        const reason = `The newest job before it ${on(host)}${this.series} that has at least 80 % of its test cases.`
        return { job: near, rule: 'host', reason }
      }
      const far = await findInTurn(onDistro, isLike)
      if (far) {
        const where = on((await placeOf(this.connection, far)).host)
        const reason = `No earlier job ${on(host)}${this.series} has 80 % of its test cases. This is the newest on ${distro} that has, ${where}.`
        return { job: far, rule: 'distro', reason }
      }
      const nor = this.job.distro === null ? '' : `, nor on ${distro}`
      const reason = `No job that was over before it began has 80 % of its test cases, neither ${on(host)}${this.series}${nor}.`
      return { rule: 'none', reason: nor === '' ? reason.replace(', neither', '') : reason }
    })
  }

  /** The newest job in which the tests that fail now passed; else the one in which most of them did. */
  async lastGood(): Promise<Step<Baseline>> {
    const candidates = await this.likely(listEarlierOnHost, GOOD_CANDIDATES)
    return withRowBudget(this.rowsOf(candidates), async () => {
      const failing = await failingTestcases(this.connection, this.job.number)
      const isLike = await this.isLike()
      const where = `${on(this.place.host)}${this.series}`
      let best: { job: PlacedJob; failed: number } | undefined
      for (const job of candidates) {
        const failed = await countFailing(this.connection, job.number, failing.testcases)
        if (failed >= (best?.failed ?? Number.POSITIVE_INFINITY) || !(await isLike(job))) continue
        best = { job, failed }
        if (failed === 0) break
      }
      if (!best) return { rule: 'none', reason: `No earlier job ${where} has 80 % of its test cases.` }
      return { job: best.job, rule: 'last_good', reason: goodReason(failing, best.failed, where) }
    })
  }

  async byLabel({ key, value }: Label): Promise<Step<Baseline>> {
    const named = `the label ${key}:${value}`
    const candidates = await listEarlierJobsWithLabel(this.connection, this.job, { key, value }, this.fits)
    return withRowBudget(this.rowsOf(candidates), async () => {
      const isLike = await this.isLike()
      const onHost = candidates.filter(({ host }) => host === this.job.host)
      const near = await findInTurn(onHost, isLike)
      if (near) {
        const reason = `The newest job before it ${on(this.place.host)} with ${named}.`
        return { job: near, rule: 'label', reason }
      }
      const job = await findInTurn(candidates, isLike)
      if (job) return { job, rule: 'label', reason: `The newest job before it with ${named}.` }
      return {
        rule: 'none',
        reason: `No job that was over before it began has ${named} and 80 % of its test cases.`,
      }
    })
  }

  /** Jobs before this one of the same branch and plan that may have enough of its test cases. */
  private likely(list: typeof listEarlierOnHost, limit: number): Promise<PlacedJob[]> {
    const { branch, plan } = this.job
    return list(this.connection, this.job, {
      limit,
      fits: (earlier) =>
        this.fits(earlier) && earlier.branch === branch && (plan === null || earlier.plan === plan),
    })
  }

  private fits = (earlier: PlacedJob): boolean =>
    wasOverBefore(earlier, this.job) &&
    isOver(earlier, this.now) &&
    earlier.duplicate_of === null &&
    earlier.infrastructure === 0

  /** How many rows a look at all tests of this job and of the candidates may read. */
  private rowsOf(candidates: PlacedJob[]): number {
    // Nearly always the first few will do; only a small job is worth the exact sum.
    const rows = candidates.reduce((sum, { tests_total }) => sum + tests_total, this.job.tests_total)
    return Math.min(rows, 2 * this.job.tests_total + FEW_ROWS)
  }

  /** Whether a job has enough of the test cases of this one. */
  private async isLike(): Promise<(earlier: PlacedJob) => Promise<boolean>> {
    const testcases = new Set(await testcasesOf(this.connection, this.job.number))
    const least = SHARE * testcases.size
    return async ({ number, tests_total }) =>
      tests_total >= least &&
      (await testcasesOf(this.connection, number)).filter((testcase) => testcases.has(testcase)).length >=
        least
  }

  /** ` of branch main and plan nightly` */
  private get series(): string {
    const { branch, plan } = this.place
    const parts = [branch && `branch ${branch}`, plan && `plan ${plan}`].filter(Boolean)
    return parts.length === 0 ? '' : ` of ${parts.join(' and ')}`
  }
}

function on(host: string | null): string {
  return host === null ? 'on an unknown host' : `on ${host}`
}

function goodReason(
  { testcases: { length: failing }, leavesOutFlaky }: Awaited<ReturnType<typeof failingTestcases>>,
  failed: number,
  where: string,
): string {
  if (failing === 0) return `No test fails now: this is the newest job before it ${where}.`
  const tests =
    failing === 1
      ? `the test that fails now${leavesOutFlaky ? ' and is not flaky' : ''}`
      : `the ${failing} tests that fail now${leavesOutFlaky ? ' and are not flaky' : ''}`
  if (failed === 0) return `The newest job before it ${where} in which ${tests} did not fail.`
  const better = `no earlier job ${where} did better`
  if (failed === failing) return `Of ${tests}, each failed in this job, too: ${better}.`
  return `Of ${tests}, ${failing - failed} did not fail in this job: ${better}.`
}
