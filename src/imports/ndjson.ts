// One job a line, each in the shape of POST /jobs/. A bad line does not keep the others out.

import { BadRequest, HttpError, Invalid } from '../http/errors'
import { type Body, flag, moment, optional, readBodyInTurns, type Shape } from '../http/fields'
import { parseJsonBody } from '../http/parse-json'
import { isReservedId, newJob } from '../jobs/model'
import { type InTurns, mapInTurns } from '../turns'
import { idOfContent } from './formats/reading'
import { asAvocadoSplits, type JobReport } from './model'

const jobLine = {
  ...newJob,
  /** Whether more tests are to come; where it is missing, the tests tell: one that has not ended runs. */
  running: optional(flag),
  /** When the sender last heard of it, where that is not now. */
  heard_at: optional(moment),
} satisfies Shape

/**
 * Reads a line.
 *
 * @throws BadRequest, Invalid: what is wrong with it.
 */
export function* readJobLine(line: Uint8Array, reading: { zone: string }): InTurns<JobReport> {
  const text = decode(line)
  yield
  const job = yield* readBodyInTurns(jobLine, yield* parseJsonBody(text), reading)
  if (job.id !== undefined && isReservedId(job.id)) throw new Invalid({ id: 'This id is reserved.' })
  // Without an id, the line itself makes one: sent twice it is the same job.
  return yield* toReport(job, job.id ?? idOfContent(line))
}

function* toReport(job: Body<typeof jobLine>, id: string): InTurns<JobReport> {
  const tests = yield* mapInTurns(job.tests ?? [], (test) => ({
    ...asAvocadoSplits(test.tag),
    status: test.status ?? null,
    precise: true,
    exactTimes: false,
    started: test.started ?? null,
    elapsed: test.elapsed_time ?? null,
    folder: null,
    failReason: test.fail_reason ?? null,
    activities: test.activities ?? [],
    data: test.data ?? [],
  }))
  return {
    id,
    description: job.description ?? null,
    time: job.time ?? null,
    elapsed: job.elapsed_time ?? null,
    status: job.status ?? null,
    ...(job.running !== undefined && { ended: !job.running }),
    ...(job.heard_at !== undefined && { heardAt: job.heard_at }),
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

/** What is said of a line that was refused. @throws the error itself when it is not about the line */
export function refusalOf(number: number, error: unknown): { line: number } & Record<string, unknown> {
  if (error instanceof HttpError && error.status < 500) return { line: number, ...error.body }
  throw error
}
