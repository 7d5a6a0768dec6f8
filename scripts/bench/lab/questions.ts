// What people ask the analysis, and of what: tests, jobs and times that the database has.

import { Database as Sqlite } from 'bun:sqlite'
import { Random } from './random'

/** Enough of each that hardly one is asked twice in a row. */
const MANY = 40

export interface Question {
  what: string
  /** @param turn  another one each time, where there are several. */
  pathOf(turn: number): string
  /** No other client may wait for it, and it is slow enough to ask. */
  beside?: boolean
}

let asked = 0

/** The same question as nobody asked it before: no answer is kept for it. */
export function anew(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}_=${asked++}`
}

/** @param path  of a database that the background has caught up with. */
export function questionsOf(path: string): Question[] {
  const sqlite = new Sqlite(path, { readonly: true })
  try {
    return makeQuestions(new Known(sqlite))
  } finally {
    sqlite.close()
  }
}

function makeQuestions(known: Known): Question[] {
  const most = known.testcases('runs DESC')
  const middle = known.testcases('runs', known.count('series_runs') / 2)
  const jobs = known.jobs()
  const failed = known.failedTests()
  const newest = known.newestTime()
  const since = (hours: number) => encodeURIComponent(new Date(newest - hours * 3_600_000).toISOString())
  const until = encodeURIComponent(new Date(newest + 1000).toISOString())
  const at =
    <T>(list: readonly T[]) =>
    (turn: number) =>
      list[turn % list.length] as T
  const job = at(jobs)
  const word = at(['migration', 'reboot', 'stress', 'virtio_blk', 'tpm', 'resize'])
  return [
    {
      what: 'history of the test that ran most',
      pathOf: (turn) => history(at(most.slice(0, 10))(turn)),
      beside: true,
    },
    { what: 'history of a middling test', pathOf: (turn) => history(at(middle)(turn)) },
    { what: 'compare a job, by the rule', pathOf: (turn) => `/jobs/compare/?job=${job(turn)}`, beside: true },
    {
      what: 'compare two jobs of any hosts',
      pathOf: (turn) => `/jobs/compare/?job=${job(turn)}&base=${job(turn + 1)}`,
    },
    { what: 'regressions', pathOf: (turn) => `/regressions/?page=${1 + (turn % 20)}`, beside: true },
    { what: 'open regressions', pathOf: (turn) => `/regressions/?state=open&page=${1 + (turn % 5)}` },
    {
      what: 'triage of the last 24 hours',
      pathOf: () => `/triage/?since=${since(24)}&until=${until}`,
      beside: true,
    },
    {
      what: 'triage of the last 3 days',
      pathOf: () => `/triage/?since=${since(72)}&until=${until}`,
      beside: true,
    },
    { what: 'clusters', pathOf: (turn) => `/clusters/?days=${14 + (turn % 3)}`, beside: true },
    { what: 'flaky tests', pathOf: (turn) => `/flaky/?page=${1 + (turn % 3)}`, beside: true },
    { what: 'tests by words', pathOf: (turn) => `/tests/?search=${word(turn)}`, beside: true },
    {
      what: 'tests by words of fail reasons',
      pathOf: (turn) =>
        `/tests/?search=${at(['timed out', 'page fault', 'reset by peer'])(turn).replace(' ', '+')}`,
      beside: true,
    },
    {
      what: 'failed runs of a host',
      pathOf: (turn) => `/tests/runs/?status=FAIL&label=host:${at(known.hosts)(turn)}`,
      beside: true,
    },
    {
      what: 'fail reasons by words',
      pathOf: (turn) => `/tests/reasons/?search=${at(['timeout', 'assert', 'exit'])(turn)}`,
      beside: true,
    },
    {
      what: 'matrix of a week',
      pathOf: (turn) => `/matrix/?until=${until}&page=${1 + (turn % 5)}`,
      beside: true,
    },
    { what: 'verdict of a failed test', pathOf: (turn) => at(failed)(turn), beside: true },
  ]
}

const history = (testcase: string) => `/tests/history/?testcase=${encodeURIComponent(testcase)}`

/** Looks up what is asked about. */
class Known {
  readonly hosts: string[]
  private readonly random = new Random(14)

  constructor(private readonly sqlite: Sqlite) {
    sqlite.run('PRAGMA temp_store = MEMORY')
    sqlite.run(
      'CREATE TEMP TABLE series_runs AS SELECT testcase, sum(runs) AS runs FROM series GROUP BY testcase',
    )
    this.hosts = this.texts('SELECT name FROM host ORDER BY id')
  }

  count(table: string): number {
    return Number(this.values(`SELECT count(*) FROM ${table}`)[0]?.[0])
  }

  testcases(order: string, from = 0): string[] {
    return this.texts(
      `SELECT text FROM series_runs JOIN testcase ON testcase.id = testcase ORDER BY ${order} LIMIT ${MANY} OFFSET ${Math.floor(from)}`,
    )
  }

  /** Of the last days, anywhere among them. */
  jobs(): string[] {
    const high = Number(this.values('SELECT max(number) FROM job')[0]?.[0])
    return Array.from({ length: MANY }, () => Math.floor(this.random.between(0.9, 1) * high)).flatMap(
      (number) => this.texts(`SELECT id FROM job WHERE number >= ${number} AND complete = 1 LIMIT 1`),
    )
  }

  /** The addresses of verdicts. */
  failedTests(): string[] {
    const rows = this.values(`SELECT job.id, test.id FROM test JOIN job ON job.number = test.job
      WHERE test.status IN (2, 3) ORDER BY test.ran_at DESC LIMIT 4000`)
    const step = Math.max(1, Math.floor(rows.length / MANY))
    return rows.filter((_, at) => at % step === 0).map(([job, test]) => `/jobs/${job}/tests/${test}/verdict/`)
  }

  /** Milliseconds since 1970. */
  newestTime(): number {
    return Number(this.values('SELECT max(time) FROM job WHERE complete = 1')[0]?.[0]) / 1000
  }

  private texts(text: string): string[] {
    return this.values(text).map(([value]) => String(value))
  }

  private values(text: string): unknown[][] {
    using statement = this.sqlite.prepare(text)
    return statement.values()
  }
}
