// Checks whether a run was complete and followed its plan, and warns the sender if not.

import type { Cooperative } from '../../../lib/cooperative'
import type { FileReading } from '../reading'
import type { Findings } from './findings'
import { misnumberedOf, missingOf, type Stream } from './streams'

/** A plan with more tests is an error, and counts as no plan. */
const MAX_PLAN = 1_000_000_000

export interface PlanCheck {
  /** Planned tests that are missing; at least one if tests are missing and their number is unknown. */
  missing: number
  /** The run deviates from its plan in another way. */
  deviates: boolean
}

export function* checkPlans(
  streams: readonly Stream[],
  findings: Findings,
  reading: FileReading,
): Cooperative<PlanCheck> {
  let missing = 0
  let deviates = findings.dubious !== null
  for (const stream of allStreams(streams)) {
    yield
    if (!isPlanTooLarge(stream)) missing += missingOf(stream) ?? 0
    deviates = warnOfDeviations(stream, reading) || deviates
  }
  const unplanned = streams.filter((stream) => stream.plan === null || isPlanTooLarge(stream))
  if (unplanned.length > 0 || streams.length === 0) {
    const what = unplanned.some(isPlanTooLarge) ? 'no plan that anybody could follow' : 'no plan'
    reading.warn(`there is ${what}, so it is not known whether all tests ran.`)
  }
  const isWhole = findings.bailOuts.length === 0 && unplanned.length === 0 && streams.length > 0
  return { missing: isWhole ? missing : Math.max(missing, 1), deviates }
}

function isPlanTooLarge({ plan }: Stream): boolean {
  return plan !== null && plan > MAX_PLAN
}

/** The streams, including those of all subtests. */
export function* allStreams(streams: readonly Stream[]): Generator<Stream> {
  const waiting = streams.toReversed()
  for (let stream = waiting.pop(); stream; stream = waiting.pop()) {
    yield stream
    for (const { subtests } of stream.points) waiting.push(...subtests)
    waiting.push(...stream.truncated)
  }
}

/** Warns about wrong numbers and subtests that were cut off. @returns whether there are any */
function warnOfDeviations(stream: Stream, reading: FileReading): boolean {
  const misnumbered = misnumberedOf(stream)
  if (misnumbered > 0) {
    const where = stream.name === '' ? '' : ` of ${excerptOf(stream.name)}`
    reading.warnOnce(
      'numbers',
      `numbers of tests${where} are not in the plan, or come again: ${misnumbered} of ${stream.points.length}.`,
    )
  }
  for (const { name } of stream.truncated) {
    reading.warnOnce('cut', `the subtest ${excerptOf(name)} was cut off: it has no result of its own.`)
  }
  return misnumbered > 0 || stream.truncated.length > 0
}

/** Warns about bail-outs, unfinished YAML and lines that are not TAP. */
export function warnOfFindings(findings: Findings, reading: FileReading): void {
  for (const { line, reason } of findings.bailOuts.slice(0, 10)) {
    reading.warn(`line ${line}: the tests bailed out${reason && `: ${excerptOf(reason)}`}`)
  }
  if (findings.afterBailOut > 0) {
    reading.warn(`tests that come after it bailed out were left out: ${findings.afterBailOut}.`)
  }
  if (findings.dubious !== null)
    reading.warn(`line ${findings.dubious}: prove says that a program ended badly.`)
  const [unclosed] = findings.unclosed
  if (unclosed !== undefined) {
    reading.warn(
      `line ${unclosed}: the YAML that begins here does not end with "..."; of such there are ${findings.unclosed.length}.`,
    )
  }
  const { count, first } = findings.noise
  if (count > 0) {
    const lines = count === 1 ? 'a line that is not TAP was' : `${count} lines that are not TAP were`
    reading.warn(`${lines} left out: line ${first}${count === 1 ? '' : ' first'}.`)
  }
}

function excerptOf(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text
}
