// The Test Anything Protocol, versions 12 to 14, as Avocado and everybody else writes it.

import { findTestStatus } from '../../statuses/model'
import type { InTurns } from '../../turns'
import { asAvocadoSplits, type JobReport, type TestReport } from '../model'
import { FileReading, idsOfContent } from './reading'

const TEST = /^(not )?ok\b(?:[ \t]+(\d+)(?![^\s#]))?[ \t]*(.*)$/
const PLAN = /^1\.\.(\d+)[ \t]*(?:#.*)?$/
/** A directive, or the comment by which alone Avocado's TAP tells a WARN from a PASS. */
const NOTE = /\\.|(?:^|(?<=\s))#\s*(?:(SKIP|TODO)(\S*)|(Warnings) were printed into warn log$)/gi
const WORDS: Record<string, string> = { SKIP: 'SKIP', WARNINGS: 'WARN' }
const BAIL_OUT = /^Bail out!(.*)$/i

/** What has been read so far. */
interface Progress {
  plan?: number
  bailedOut: boolean
  /** Tests that have a line and nothing more: Avocado writes one for each test that never started. */
  nameless: number
  tests: TestReport[]
}

/**
 * The job of a TAP file. Lines that are none of TAP's are ignored, as it demands; so are subtests, which count in the
 * line of their parent.
 *
 * @throws BadRequest when there is neither a plan nor a test in it, or two plans.
 */
export function* readTap(text: string): InTurns<JobReport> {
  const reading = new FileReading('The TAP file')
  const progress: Progress = { bailedOut: false, nameless: 0, tests: [] }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  for (const [index, line] of lines.entries()) {
    if (/^\s/.test(line)) readDetail(line, progress, reading)
    else readLine(line, index + 1, progress, reading)
    if (progress.bailedOut) break
    yield
  }
  const { plan, tests } = progress
  const known = tests.length + progress.nameless
  if (plan === undefined && known === 0 && !progress.bailedOut)
    reading.refuse('there is no test and no plan in it.')
  return {
    id: idsOfContent(text)(0),
    description: null,
    time: null,
    elapsed: null,
    status: null,
    notStarted: notStarted(progress, reading),
    environment: null,
    activities: [],
    data: [],
    tests: yield* reading.distinct(tests, { equalOnce: false }),
    warnings: reading.warnings,
  }
}

function notStarted({ plan, bailedOut, nameless, tests }: Progress, reading: FileReading): number | null {
  // Who bails out had more to do, even if nobody knows how much.
  if (plan === undefined) return nameless + (bailedOut ? 1 : 0) || null
  return nameless + (reading.notStarted(plan, tests.length + nameless) ?? 0)
}

function readLine(line: string, number: number, progress: Progress, reading: FileReading): void {
  const plan = PLAN.exec(line)
  if (plan) {
    if (progress.plan !== undefined) reading.refuse(`line ${number} is a second plan.`)
    progress.plan = Number(plan[1])
    if (progress.plan > 1e9) reading.refuse(`line ${number}: nobody has so many tests.`)
    return
  }
  const bail = BAIL_OUT.exec(line)
  if (bail) {
    progress.bailedOut = true
    reading.warn(
      reading.text(`line ${number}: the tests bailed out${bail[1] && `: ${bail[1].trim()}`}`).slice(0, 300),
    )
    return
  }
  const test = TEST.exec(line)
  if (test) readTest(test, progress, reading)
}

function readTest(
  [, not, number, rest = '']: RegExpExecArray,
  progress: Progress,
  reading: FileReading,
): void {
  const { title, directive, reason } = splitDirective(rest)
  if (title === '' && directive === 'SKIP' && /^($|Interrupting job)/.test(reason)) {
    progress.nameless++
    return
  }
  const word = not && directive === 'TODO' ? 'WARN' : (WORDS[directive ?? ''] ?? (not ? 'FAIL' : 'PASS'))
  progress.tests.push({
    ...asAvocadoSplits(reading.tag(title || String(number ?? progress.tests.length + progress.nameless + 1))),
    status: findTestStatus(word) ?? null,
    precise: false,
    exactTimes: false,
    started: null,
    elapsed: null,
    folder: null,
    failReason: word === 'PASS' ? null : reading.note(reason),
    activities: [],
    data: [],
  })
}

/** `- name # SKIP reason`: the name, and what a `#` that is not escaped says. */
function splitDirective(rest: string): { title: string; directive?: string; reason: string } {
  // Of every #, not of the first: `C# # TODO`. A pair of backslashes is one, and escapes nothing.
  for (const match of rest.matchAll(NOTE)) {
    const [whole, word, more = '', warnings] = match
    const directive = word ?? warnings
    // `# skipped: reason` is a SKIP; `# TODOs` is none.
    if (!directive || !/^$|^ped\b|^:/i.test(more)) continue
    const after = rest.slice(match.index + whole.length - more.length).replace(/^(ped\b)?:?/i, '')
    const reason = withoutEscapes(after).trim()
    return { title: toTitle(rest.slice(0, match.index)), directive: directive.toUpperCase(), reason }
  }
  return { title: toTitle(rest), reason: '' }
}

function toTitle(text: string): string {
  return withoutEscapes(text.trim().replace(/^-(\s+|$)/, ''))
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([\\#])/g, '$1')
}

/** Of the YAML below a test that failed: what happened, if that is one line. */
function readDetail(line: string, { tests }: Progress, reading: FileReading): void {
  const test = tests.at(-1)
  const message = /^ {2}message:[ \t]*(['"]?)(.*)\1[ \t]*$/.exec(line)?.[2]
  if (!message || !test || test.failReason !== null || test.status !== findTestStatus('FAIL')) return
  if (!/^[|>][+-]?$/.test(message)) test.failReason = reading.note(message.trim())
}
