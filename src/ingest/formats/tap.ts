// Reads the Test Anything Protocol, versions 12 to 14, and the kernel's KTAP, from Avocado and other producers.

import type { Cooperative } from '../../lib/cooperative'
import type { NewDatum } from '../../results/data/queries'
import { findTestStatus } from '../../results/statuses/model'
import { jobStatuses } from '../../storage/seed-data'
import type { JobReport, TestReport } from '../model'
import { decodeText } from './decoding'
import { refuseManyLines } from './part-limits'
import { FileReading, idOfContent } from './reading'
import { addSuitesToTags } from './suites'
import { checkPlans, warnOfFindings } from './tap/check-plans'
import { commentsFile, commentsOf, otherComments } from './tap/comments'
import type { Findings } from './tap/findings'
import { splitLines } from './tap/lines'
import { findProducer } from './tap/producers'
import { TapReader } from './tap/reader'
import type { Point, Stream } from './tap/streams'
import { readTests, TAP_CATEGORY, withoutSkip } from './tap/tests'

const ERROR = jobStatuses.find(({ name }) => name === 'ERROR')?.id ?? null
const BAD = new Set(['FAIL', 'ERROR'].map((word) => findTestStatus(word)?.status))

/**
 * Reads the job of a TAP file. Lines that are not TAP are ignored, as the specification demands. If tests are missing,
 * they count as not started; any other deviation from the plan gives the job the status ERROR.
 *
 * @throws BadRequest when the file contains no TAP.
 */
export function* readTap(content: Uint8Array | string): Cooperative<JobReport> {
  const reading = new FileReading('The TAP file')
  const text = typeof content === 'string' ? content : decodeText(content, reading)
  refuseManyLines(text, reading)
  const reader = new TapReader()
  const lines = splitLines(text)
  for (const [index, line] of lines.entries()) {
    reader.read(line, index + 1, lines[index + 1])
    yield
  }
  const streams = reader.end()
  const { findings } = reader
  if (streams.length === 0 && findings.bailOuts.length === 0 && !findings.isVersioned) {
    reading.refuse('there is no test and no plan in it.')
  }
  const producer = findProducer(streams, findings)
  const { tests: read, points, neverStarted } = yield* readTests(streams, producer, reading)
  const tests = yield* reading.withUniqueTags(addSuitesToTags(read, reading), { dropEqual: false })
  const files = otherComments(streams, points, producer, findings, reading)
  for (const [index, { tag, failReason }] of tests.entries()) {
    const comments = commentsOf(points[index] as Point, producer)
    files.push(...commentsFile(tag, comments, failReason, reading))
    yield
  }
  const { missing, deviates } = yield* checkPlans(streams, findings, reading)
  const data = dataOf(streams, findings, reading)
  warnOfFindings(findings, reading)
  const notStarted = neverStarted + missing
  return {
    id: idOfContent(text),
    description: null,
    time: null,
    elapsed: findings.elapsed,
    status: deviates && notStarted === 0 && !tests.some(isBad) ? ERROR : null,
    notStarted,
    environment: null,
    activities: [],
    data,
    tests,
    files,
    warnings: reading.warnings,
  }
}

function isBad({ status }: TestReport): boolean {
  return BAD.has(status?.status)
}

/** The reasons why tests were skipped as a whole, or stopped early. */
function dataOf(streams: readonly Stream[], { bailOuts }: Findings, reading: FileReading): NewDatum[] {
  const skipped = streams
    .filter(({ plan, planNote }) => plan === 0 && planNote !== '')
    .map(({ name, planNote }) => (name === '' ? '' : `${name}: `) + withoutSkip(planNote))
  if (skipped.length > 0) reading.warn(`nothing was to be run: ${skipped.join('; ').slice(0, 300)}`)
  else if (!streams.some(({ points }) => points.length > 0)) reading.warn('there is no test in it.')
  const stopped = bailOuts.map(({ reason }) => reason).filter((reason) => reason !== '')
  const texts = { skipped: skipped.join('\n'), 'bail out': stopped.join('\n') }
  return Object.entries(texts)
    .filter(([, text]) => text !== '')
    .map(([key, text]) => ({ category: TAP_CATEGORY, key, value: reading.text(text) }))
}
