// Reads a line of NDJSON: a job in the shape of POST /jobs/. A bad line does not affect the others.

import { parseJsonBody } from '../http/request/parse-json'
import { dateTime, flag, optional, text } from '../http/resource/fields'
import { type Body, list, readBodyCooperatively, type Shape } from '../http/resource/shapes'
import { type Cooperative, mapCooperatively } from '../lib/cooperative'
import { BadRequest, Invalid, isCallersFault } from '../lib/errors'
import { refuseForeign } from '../results/jobs/foreign-reports'
import { isReservedId, newJob, wholeTest } from '../results/jobs/model'
import { deduplicateTests } from '../results/jobs/writing'
import { firstCodePoints, idOfContent } from './formats/reading'
import { splitAt } from './formats/test-id'
import { type JobReport, splitAvocadoTag } from './model'

/** Refused lines that the answer lists. */
export const MAX_REFUSALS = 1000
const MAX_SENTENCE = 500
const MAX_SUITE = 1024

const jobLine = {
  ...newJob,
  /** As in POST /jobs/, and the suite of a test if the sender knows it: `sanity` of `sanity-2-ok.py:Ok.test`. */
  tests: optional(list({ ...wholeTest, suite: optional(text({ max: MAX_SUITE })) })),
  /** Whether the job still runs. If missing, the job runs while one of its tests has not ended. */
  running: optional(flag),
  /** The time of the last report on the job, if that is not now. */
  heard_at: optional(dateTime),
} satisfies Shape

/**
 * Reads a line.
 *
 * @throws BadRequest, Invalid: what is wrong with it.
 */
export function* readJobLine(line: Uint8Array, options: { zone: string }): Cooperative<JobReport> {
  const text = decode(line)
  yield
  const value = yield* parseJsonBody(text)
  refuseForeign(value)
  const job = yield* readBodyCooperatively(jobLine, value, options)
  if (job.id !== undefined && isReservedId(job.id)) throw new Invalid({ id: 'This id is reserved.' })
  // Without an id, one is made from the line, so that the same line sent again is the same job.
  return yield* toReport(job, job.id ?? idOfContent(line))
}

/** Splits a tag at the given suite, unless the tag does not begin with it. */
function splitAtSuite(suite: string | undefined, tag: string) {
  const number = suite && tag.startsWith(`${suite}-`) && /^\d+-(?=.)/s.exec(tag.slice(suite.length + 1))?.[0]
  return (number && splitAt(tag, `${suite}-${number}`)) || splitAvocadoTag(tag)
}

function* toReport(job: Body<typeof jobLine>, id: string): Cooperative<JobReport> {
  const { tests: given } = yield* deduplicateTests(job.tests ?? [])
  const suites = new Map(job.tests?.map(({ tag, suite }) => [tag, suite]))
  const tests = yield* mapCooperatively(given, (test) => ({
    ...splitAtSuite(suites.get(test.tag), test.tag),
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
    // `running` means that a watcher follows the job and gives no description. Otherwise the sender decides on one.
    ...(job.running !== undefined && {
      ended: !job.running,
      descriptionSource: { first: null, others: null, from: 'tests' },
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

/** Why a line, or a file of a form, was refused. */
export type Refusal = { line?: number; file?: string } & Record<string, unknown>

/** The refusal of a line. @throws the error itself when it is not the sender's fault */
export function refusalOf(number: number, error: unknown): Refusal {
  if (isCallersFault(error)) return { line: number, ...shortenSentences(error.body) }
  throw error
}

/** Shortens the sentences of an error: they quote what was sent, which may be a whole line. */
export function shortenSentences(body: object): Record<string, unknown> {
  const cut = (value: unknown) => (typeof value === 'string' ? firstCodePoints(value, MAX_SENTENCE) : value)
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? value.map(cut) : cut(value)]),
  )
}

/** Collects refused lines: keeps the first ones and counts all. */
export class Refusals {
  count = 0
  #kept: Refusal[] = []

  add(refusal: Refusal): void {
    this.count++
    this.#kept.push(refusal)
    // Lines that the store refuses are added later than following lines that the parser refuses.
    if (this.#kept.length >= 2 * MAX_REFUSALS) this.#kept = this.first()
  }

  /** The first refusals, in the order of the lines. */
  first(): Refusal[] {
    return this.#kept.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)).slice(0, MAX_REFUSALS)
  }
}
