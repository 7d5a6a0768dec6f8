// The runs and series of a history in the wire format.

import { sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import { formatTime } from '../../lib/time'
import { isWrongTime } from '../../results/core/ran-at'
import { reportedStatusName, testStatusName } from '../../results/statuses/model'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { branchNames, distroNames, hostNames, templateTexts, toJobItem } from '../names'
import type { Run } from '../runs/read'
import { flakesOf, startOfStreak } from '../series/derive'
import { EnvironmentChanges } from './changes'
import type { HistoryRun, HistorySeries } from './model'
import type { NamedTestcase } from './testcases'

const details = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .select(['test.id', 'test.elapsed', 'test.reported_status as reported'])
    .select(
      sql<number>`test.reported_start IS NOT NULL
        OR (test.has_started = 0 AND ${isWrongTime(sql`job.time`, sql`job.received_at`)})`.as('isWrongClock'),
    )
    .where(inList('test.id', param('tests'))),
)
/** Runs of one series: a test case on one host, branch and distro. */
export function bySeries(runs: readonly Run[]): Run[][] {
  const keyOf = ({ testcase, of }: Run) => `${testcase} ${of.host} ${of.branch} ${of.distro}`
  return [...Map.groupBy(runs, keyOf).values()]
}

/** Shows runs, with what other runs of their series tell of them. */
export class HistoryView {
  private constructor(
    private readonly connection: Connection,
    private readonly names: {
      testcases: ReadonlyMap<number, NamedTestcase>
      hosts: ReadonlyMap<number, string>
      branches: ReadonlyMap<number, string>
      distros: ReadonlyMap<number, string>
    },
  ) {}

  /** @param runs  all that are shown, or that series are made of. */
  static async of(
    connection: Connection,
    testcases: readonly NamedTestcase[],
    runs: readonly Run[],
  ): Promise<HistoryView> {
    const jobs = runs.map(({ of }) => of)
    return new HistoryView(connection, {
      testcases: new Map(testcases.map((one) => [one.id, one])),
      hosts: await hostNames(
        connection,
        jobs.map(({ host }) => host),
      ),
      branches: await branchNames(
        connection,
        jobs.map(({ branch }) => branch),
      ),
      distros: await distroNames(
        connection,
        jobs.map(({ distro }) => distro),
      ),
    })
  }

  /**
   * @param shown  in the order of the answer.
   * @param among  the runs of the same test cases around them.
   * @param asked  the test that the question is about.
   */
  async showRuns(
    shown: readonly Run[],
    among: readonly Run[],
    asked: number | undefined,
  ): Promise<HistoryRun[]> {
    const tests = toNumberList(shown.map(({ test }) => test))
    const known = new Map((await this.connection.all(details, { tests })).map((row) => [row.id, row]))
    const templates = await this.templatesOf(shown)
    const { flakes, before } = neighboursOf(among)
    const changes = new EnvironmentChanges(this.connection)
    const items: HistoryRun[] = []
    for (const run of shown) {
      const { elapsed = null, reported = null, isWrongClock = 0 } = known.get(run.test) ?? {}
      const previous = before.get(run.test)
      const changed = previous ? await changes.count(previous.environment, run.environment) : null
      items.push({
        job: run.job,
        job_number: run.of.number,
        test: run.test,
        testcase: this.testcaseOf(run),
        time: formatTime(run.time),
        ...(isWrongClock === 1 && { wrong_clock: true as const }),
        ...this.seriesOf(run),
        environment: run.environment,
        status: testStatusName(run.status),
        ...(reported !== null && { reported_status: reportedStatusName(reported) ?? '' }),
        outcome: run.outcome,
        elapsed_time: elapsed,
        template: typeof run.template === 'number' ? (templates.get(run.template) ?? null) : run.template,
        ...(run.of.isInfrastructure && { infrastructure: true as const }),
        flake: flakes.has(run.test),
        changed,
        ...(run.test === asked && { asked: true as const }),
      })
    }
    return items
  }

  /**
   * @param runs  in their order; those without an outcome do not count.
   * @param isTruncated  older runs were left out.
   */
  showSeries(runs: readonly Run[], isTruncated: boolean): HistorySeries[] {
    const ended = runs.filter(({ outcome }) => outcome !== 'none')
    const shown = bySeries(ended).map((ofSeries) => this.showOneSeries(ofSeries, isTruncated))
    const isFailing = ({ state }: HistorySeries) => Number(state === 'failing')
    return shown.sort(
      (a, b) =>
        isFailing(b) - isFailing(a) ||
        compareTexts(b.last.time, a.last.time) ||
        compareTexts(nameOf(a), nameOf(b)),
    )
  }

  private showOneSeries(runs: readonly Run[], isTruncated: boolean): HistorySeries {
    const last = runs.at(-1) as Run
    const start = startOfStreak(runs)
    return {
      testcase: this.testcaseOf(last),
      ...this.seriesOf(last),
      state: last.failed ? 'failing' : 'passing',
      since: toPlace(runs[start] as Run),
      since_is_older: isTruncated && start === 0,
      streak: runs.length - start,
      runs: runs.length,
      failures: runs.filter(({ failed }) => failed).length,
      flakes: flakesOf(runs).size,
      last: toPlace(last),
    }
  }

  private testcaseOf({ testcase }: Run): string {
    return this.names.testcases.get(testcase)?.testcase ?? ''
  }

  private seriesOf({ of: { host, branch, distro } }: Run) {
    return {
      host: this.names.hosts.get(host ?? 0) ?? null,
      branch: this.names.branches.get(branch ?? 0) ?? null,
      distro: this.names.distros.get(distro ?? 0) ?? null,
    }
  }

  private async templatesOf(runs: readonly Run[]): Promise<ReadonlyMap<number, string>> {
    const ids = runs.map(({ template }) => template).filter((template) => typeof template === 'number')
    return templateTexts(this.connection, ids)
  }
}

const nameOf = ({ testcase, host, branch, distro }: HistorySeries) =>
  [testcase, host, branch, distro].join('\0')

/** Which of these runs are flakes, and the run before each in its series, by test. */
function neighboursOf(runs: readonly Run[]) {
  const flakes = new Set<number>()
  const before = new Map<number, Run>()
  for (const ofSeries of bySeries(runs)) {
    for (const [at, run] of ofSeries.entries()) {
      const previous = ofSeries[at - 1]
      if (previous) before.set(run.test, previous)
    }
    const steady = ofSeries.filter(({ outcome, of }) => outcome !== 'none' && !of.isRecovered)
    for (const test of flakesOf(steady)) flakes.add(test)
  }
  return { flakes, before }
}

/** The job of a run, with the time of the run. */
function toPlace(run: Run) {
  return { ...toJobItem({ ...run.of, time: run.time }), test: run.test }
}
