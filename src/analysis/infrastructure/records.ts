// Reads what the judge of mass failures needs: the jobs of a host around a moment, and how their tests ended.

import { sql } from 'kysely'
import { compareTexts } from '../../lib/texts'
import type { Microseconds } from '../../lib/time'
import { isCounted } from '../../results/core/job-reference'
import { isWrongTime, rightTime } from '../../results/core/ran-at'
import {
  type Connection,
  inList,
  type NumberList,
  notIndexed,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import type { RunContext } from '../runs/context'
import { readOutcomes } from '../runs/interruptions'
import { componentsChanged } from './components'
import { isRecovered } from './effective'
import type { JudgedJob, Outcome, Outcomes, Records } from './judge'

/** Jobs of a host that are looked at before and after one. Whoever judges a job marks as many. */
export const MAX_EARLIER = 30
const MAX_LATER = 50
/** Tests that are read on each side, and of one job. */
const MAX_TESTS = 60_000
const MAX_TESTS_OF_JOB = 20_000
/** Jobs that one statement lists. */
const PART = 10
/** Jobs that are listed on one side: those that do not count, or ran at one moment, are among them. */
const MAX_LISTED = 200

/** A job of a host. `time` is when it ran; where its clock was wrong, when it was received. */
export interface HostJob extends JudgedJob {
  id: string
  host: number | null
  environment: number | null
  /** Tests that ended with FAIL or ERROR. */
  failures: number
  tests: number
  /** It is not the last run of anything: it recovered, or somebody says that it is infrastructure. */
  isLeftOut: boolean
}

const wrongClock = isWrongTime(sql`job.time`, sql`job.received_at`)
const judged = tables
  .selectFrom('job')
  .select(['job.number', 'job.id', 'job.time', 'job.received_at as receivedAt', 'job.host'])
  .select(['job.environment', 'job.tests_total as tests'])
  .select([
    sql<number>`job.failed + job.errored`.as('failures'),
    sql<number>`EXISTS (SELECT 1 FROM set_verdict WHERE set_verdict.job = job.number)`.as('isSet'),
    isRecovered.as('isRecovered'),
  ])
  .where(sql<boolean>`job.complete = 1 AND ${notIndexed('job.ended_at')} IS NOT NULL`)
  .where(isCounted)

type Side = { host: number | null; time: Microseconds; limit: number; offset: number }
const onHost = sql<boolean>`job.host IS NOT DISTINCT FROM `
const before = query<Side>()((param) =>
  judged
    .where(sql<boolean>`${onHost}${param('host')} AND job.time <= ${param('time')} AND NOT ${wrongClock}`)
    .orderBy('job.time', 'desc')
    .limit(param('limit'))
    .offset(param('offset')),
)
const after = query<Side>()((param) =>
  judged
    .where(sql<boolean>`${onHost}${param('host')} AND job.time >= ${param('time')} AND NOT ${wrongClock}`)
    .orderBy('job.time')
    .limit(param('limit'))
    .offset(param('offset')),
)
// Few jobs have a wrong clock. An index has these alone.
const wrongBefore = query<Side>()((param) =>
  judged
    .where(sql<boolean>`${onHost}${param('host')} AND job.received_at <= ${param('time')} AND ${wrongClock}`)
    .orderBy('job.received_at', 'desc')
    .limit(param('limit'))
    .offset(param('offset')),
)
const wrongAfter = query<Side>()((param) =>
  judged
    .where(sql<boolean>`${onHost}${param('host')} AND job.received_at >= ${param('time')} AND ${wrongClock}`)
    .orderBy('job.received_at')
    .limit(param('limit'))
    .offset(param('offset')),
)
const byNumber = query<{ number: number }>()((param) => judged.where('job.number', '=', param('number')))

const testsOfJob = query<{ job: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'testcase', 'prefix', 'status', 'reported_status', 'environment', 'ran_at'])
    .where('job', '=', param('job'))
    .where(sql<boolean>`${notIndexed('status')} IN (1, 2, 3, 5)`)
    .limit(param('limit')),
)
const someTestsOfJob = query<{ job: number; testcases: NumberList; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select(['id', 'testcase', 'prefix', 'status', 'reported_status', 'environment', 'ran_at'])
    .where('job', '=', param('job'))
    .where(inList('testcase', param('testcases')))
    .where(sql<boolean>`${notIndexed('status')} IN (1, 2, 3, 5)`)
    .limit(param('limit')),
)
const names = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('testcase')
    .select(['id', 'suite', 'text', 'variant'])
    .where(inList('id', param('ids'))),
)

type JobRow = Awaited<ReturnType<typeof listJobs>>[number]

function listJobs(connection: Connection, list: typeof before, side: Side) {
  return connection.all(list, side)
}

type TestRow = Awaited<ReturnType<typeof readTests>>[number]

function readTests(connection: Connection, job: number, testcases: ReadonlySet<number> | undefined) {
  const limit = MAX_TESTS_OF_JOB
  if (!testcases) return connection.all(testsOfJob, { job, limit })
  return connection.all(someTestsOfJob, { job, testcases: toNumberList([...testcases]), limit })
}

/** The jobs of one database, for the judge. */
export class JobRecords implements Records<HostJob> {
  private readonly changes = new Map<string, ReadonlySet<string> | null>()

  /** @param leftOut  of jobs that were judged in this transaction: whether they are left out now. */
  constructor(
    private readonly connection: Connection,
    private readonly context: RunContext,
    private readonly leftOut: ReadonlyMap<number, boolean> = new Map(),
  ) {}

  /** @returns undefined: there is none that counts and is over. */
  async find(number: number): Promise<HostJob | undefined> {
    const rows = await this.connection.all(byNumber, { number })
    return (await this.toJobs(rows))[0]
  }

  /** The jobs of a host that ran at a moment. */
  async at(host: number | null, time: Microseconds): Promise<HostJob[]> {
    const found: HostJob[] = []
    for await (const job of this.listed(host, time, 'later', '')) {
      if (job.time > time) break
      found.push(job)
    }
    return found
  }

  async *earlier(job: HostJob): AsyncGenerator<HostJob> {
    let room = MAX_TESTS
    let count = 0
    for await (const earlier of this.listed(job.host, job.time, 'earlier', job.id)) {
      if (count++ >= MAX_EARLIER || room <= 0) return
      room -= earlier.tests
      if (!earlier.isLeftOut) yield earlier
    }
  }

  async *later(job: HostJob, limit = MAX_LATER): AsyncGenerator<HostJob> {
    let room = MAX_TESTS
    let count = 0
    for await (const later of this.listed(job.host, job.time, 'later', job.id)) {
      if (count++ >= limit || room <= 0) return
      room -= later.tests
      yield later
    }
  }

  async outcomesOf({ number, environment }: HostJob, testcases?: ReadonlySet<number>): Promise<Outcomes> {
    const rows = await readTests(this.connection, number, testcases)
    rows.sort((one, other) => one.ran_at - other.ran_at || compareTexts(one.prefix, other.prefix))
    const outcomeOf = await readOutcomes(this.connection, rows)
    const outcomes = new Map<number, Outcome>()
    for (const row of rows) {
      const outcome = outcomeOf(row)
      if (outcome === 'none') continue
      const first = outcomes.get(row.testcase)
      outcomes.set(row.testcase, {
        failed: outcome === 'failed' && first?.failed !== false,
        isError: isError(row),
        environment: row.environment ?? environment,
      })
    }
    return outcomes
  }

  async namesOf(testcases: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.connection.all(names, { ids: toNumberList([...testcases]) })
    return new Map(
      rows.map(({ id, suite, text, variant }) => [
        id,
        `${suite}/${variant === null ? text : text.slice(0, -variant.length - 1)}`,
      ]),
    )
  }

  async changed(one: number | null, other: number | null): Promise<ReadonlySet<string> | null> {
    if (one === other) return new Set()
    if (one === null || other === null) return null
    const key = one < other ? `${one} ${other}` : `${other} ${one}`
    let changed = this.changes.get(key)
    if (changed === undefined) {
      changed = await componentsChanged(this.connection, one, other)
      this.changes.set(key, changed)
    }
    return changed
  }

  /** The jobs on one side of a place, from there on. @param id  where the time is the same, the id decides */
  private async *listed(
    host: number | null,
    time: Microseconds,
    side: 'earlier' | 'later',
    id: string,
  ): AsyncGenerator<HostJob> {
    const sign = side === 'earlier' ? -1 : 1
    const order = (one: HostJob, other: HostJob) =>
      sign * (one.time - other.time || compareTexts(one.id, other.id))
    const lists = side === 'earlier' ? [before, wrongBefore] : [after, wrongAfter]
    const [usual, wrong] = lists.map((list) => this.pages(list, host, time, order))
    const isOnSide = (job: HostJob) => sign * (job.time - time || compareTexts(job.id, id)) > 0
    let one = await usual?.next()
    let other = await wrong?.next()
    while (one?.value || other?.value) {
      const takesOne = one?.value && (!other?.value || order(one.value, other.value) < 0)
      const job = (takesOne ? one?.value : other?.value) as HostJob
      if (takesOne) one = await usual?.next()
      else other = await wrong?.next()
      if (isOnSide(job)) yield job
    }
  }

  private async *pages(
    list: typeof before,
    host: number | null,
    time: Microseconds,
    order: (one: HostJob, other: HostJob) => number,
  ): AsyncGenerator<HostJob, undefined> {
    // Jobs of one moment come in the order of their ids, so the last moment of a part waits for the next part.
    let waiting: HostJob[] = []
    for (let offset = 0; ; offset += PART) {
      const rows = await listJobs(this.connection, list, { host, time, limit: PART, offset })
      waiting.push(...(await this.toJobs(rows)))
      const isLast = rows.length < PART || offset + PART >= MAX_LISTED
      const end = waiting.at(-1)?.time
      const ready = isLast ? waiting : waiting.filter((job) => job.time !== end)
      waiting = isLast ? [] : waiting.filter((job) => job.time === end)
      for (const job of ready.sort(order)) yield job
      if (isLast) return undefined
    }
  }

  private async toJobs(rows: readonly JobRow[]): Promise<HostJob[]> {
    await this.context.load(rows.map(({ number }) => number))
    return rows.flatMap(({ number, id, time, receivedAt, isSet, ...row }) => {
      const of = this.context.find(number)
      if (!of) return []
      const isLeftOut = (isSet === 0 ? this.leftOut.get(number) : undefined) ?? row.isRecovered === 1
      const at = rightTime(time, receivedAt)
      return { ...row, number, id, time: at, branch: of.branch, distro: of.distro, isLeftOut }
    })
  }
}

const ERROR = 2

function isError({ status, reported_status }: TestRow): boolean {
  return status === ERROR && reported_status === null
}
