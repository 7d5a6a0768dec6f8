// One job a line, each in the shape of POST /jobs/. A bad line does not keep the others out.

import { parseJsonBody } from '../http/request/parse-json'
import { flag, moment, optional, text } from '../http/resource/fields'
import { type Body, list, readBodyCooperatively, type Shape } from '../http/resource/shapes'
import { type Cooperative, mapCooperatively } from '../lib/cooperative'
import { BadRequest, Invalid, isCallersFault } from '../lib/errors'
import { refuseForeign } from '../results/jobs/foreign-reports'
import { isReservedId, newJob, wholeTest } from '../results/jobs/model'
import { withoutRepetitions } from '../results/jobs/writing'
import { firstCodePoints, idOfContent } from './formats/reading'
import { splitAt } from './formats/test-id'
import { asAvocadoSplits, type JobReport } from './model'

/** Refused lines that are answered each with its sentence. */
export const MAX_REFUSALS = 1000
const MAX_SENTENCE = 500
const MAX_SUITE = 1024

const jobLine = {
  ...newJob,
  /** As in POST /jobs/, and the suite of a test, where whoever reads its tag knows it: `sanity` of `sanity-2-ok.py:Ok.test`. */
  tests: optional(list({ ...wholeTest, suite: optional(text({ max: MAX_SUITE })) })),
  /** Whether more tests are to come; where it is missing, the tests tell: one that has not ended runs. */
  running: optional(flag),
  /** The time of the last report on it, where that is not now. */
  heard_at: optional(moment),
} satisfies Shape

/**
 * Reads a line.
 *
 * @throws BadRequest, Invalid: what is wrong with it.
 */
export function* readJobLine(line: Uint8Array, reading: { zone: string }): Cooperative<JobReport> {
  const text = decode(line)
  yield
  const value = yield* parseJsonBody(text)
  refuseForeign(value)
  const job = yield* readBodyCooperatively(jobLine, value, reading)
  if (job.id !== undefined && isReservedId(job.id)) throw new Invalid({ id: 'This id is reserved.' })
  // Without an id, the line itself makes one: sent twice it is the same job.
  return yield* toReport(job, job.id ?? idOfContent(line))
}

/** A suite that the tag does not begin with is none. */
function splitWith(suite: string | undefined, tag: string) {
  const number = suite && tag.startsWith(`${suite}-`) && /^\d+-(?=.)/s.exec(tag.slice(suite.length + 1))?.[0]
  return (number && splitAt(tag, `${suite}-${number}`)) || asAvocadoSplits(tag)
}

function* toReport(job: Body<typeof jobLine>, id: string): Cooperative<JobReport> {
  const { tests: given } = yield* withoutRepetitions(job.tests ?? [])
  const suites = new Map(job.tests?.map(({ tag, suite }) => [tag, suite]))
  const tests = yield* mapCooperatively(given, (test) => ({
    ...splitWith(suites.get(test.tag), test.tag),
    // As in POST /jobs/: an activity with a status ends a test that has none.
    status: test.status ?? test.activities.find(({ status }) => status)?.status ?? null,
    precise: true,
    exactTimes: false,
    started: test.started,
    elapsed: test.elapsed_time,
    folder: null,
    failReason: test.fail_reason,
    environment: test.environment,
    activities: test.activities,
    data: test.data,
  }))
  return {
    id,
    description: job.description ?? null,
    time: job.time ?? null,
    elapsed: job.elapsed_time ?? null,
    status: job.status ?? null,
    // A job that is followed; others are described, or not, by whoever writes the line.
    ...(job.running !== undefined && {
      ended: !job.running,
      ran: { first: null, others: null, from: 'tests', host: null },
    }),
    ...(job.heard_at !== undefined && { lastReportAt: job.heard_at }),
    notStarted: null,
    environment: null,
    activities: job.activities ?? [],
    data: [],
    tests,
    ...(job.labels && { labels: job.labels }),
    warnings: [],
  }
}

function decode(line: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line)
  } catch {
    throw new BadRequest('The line is not UTF-8.')
  }
}

/** Of a line, or of a file of a form. */
export type Refusal = { line?: number; file?: string } & Record<string, unknown>

/** What is said of a line that was refused. @throws the error itself when it is not about the line */
export function refusalOf(number: number, error: unknown): Refusal {
  if (isCallersFault(error)) return { line: number, ...sayBriefly(error.body) }
  throw error
}

/** Sentences repeat what was sent, which may be a whole line. */
export function sayBriefly(body: object): Record<string, unknown> {
  const cut = (value: unknown) => (typeof value === 'string' ? firstCodePoints(value, MAX_SENTENCE) : value)
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? value.map(cut) : cut(value)]),
  )
}

/** Lines that were refused: the first of them, and how many there are. */
export class Refusals {
  count = 0
  #kept: Refusal[] = []

  add(refusal: Refusal): void {
    this.count++
    this.#kept.push(refusal)
    // Those that are refused when they are stored come later than others behind them.
    if (this.#kept.length >= 2 * MAX_REFUSALS) this.#kept = this.first()
  }

  /** In the order of their lines. */
  first(): Refusal[] {
    return this.#kept.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)).slice(0, MAX_REFUSALS)
  }
}
