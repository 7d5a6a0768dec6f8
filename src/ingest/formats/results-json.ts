// Reads results.json, which Avocado writes at the end of a job. Since version 69 some fields were renamed repeatedly.

import { checkJsonLimits, parseJson, TooManyValues } from '../../http/request/parse-json'
import { type Cooperative, mapCooperatively } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import { type Microseconds, parseTime } from '../../lib/time'
import type { NewDatum } from '../../results/data/queries'
import { foreignReport } from '../../results/jobs/foreign-reports'
import { descriptionSourceOf } from '../job-description'
import type { JobReport, TestReport } from '../model'
import { decodeText } from './decoding'
import { MAX_TESTS, MAX_VALUES, refuseManyTests } from './part-limits'
import { FileReading, idOfContent, isJobId, MISSING } from './reading'
import { Fields, isObject } from './results-fields'
import { naiveTime, zoneByStart } from './runner-zone'
import { namesOf, type SplitTag, splitByName, splitterFor } from './test-id'

const FILE = 'results.json'

/** A results.json that is read except for the start of the job, whose time zone may need other files. */
export interface ParsedResults {
  reading: FileReading
  report: Omit<JobReport, 'time' | 'warnings'>
  /** As in the file; all dry runs have the same. */
  jobId: unknown
  /** The number of tests that the job counted, listed or not. */
  total: number | null
  /** When the job started, in the runner's local time. */
  start: string | null
  /** When the first test started. */
  firstStart: Microseconds | null
}

/** What other files say about the job. */
export interface Hints {
  /** The names of its suites. */
  suites?: string[]
}

/**
 * Reads the job of a results.json.
 *
 * @param zone  the time zone of `start`, unless the times of the tests show that the runner used another one.
 * @throws BadRequest when this is not a results.json. Single values that cannot be read count as unknown.
 */
export function* readResultsJson(
  text: string,
  { zone, ...hints }: { zone: string } & Hints,
): Cooperative<JobReport> {
  const results = yield* readResults(text, hints)
  const { reading, start, firstStart } = results
  const local = start === null ? undefined : naiveTime(start)
  if (local === undefined || firstStart === null) return toReport(results, zone)
  return toReport(results, zoneByStart({ local, epoch: firstStart }, zone, reading))
}

/** Reads the bytes of a results.json, in any encoding. */
export function* readResultsFile(bytes: Uint8Array, options: { zone: string }): Cooperative<JobReport> {
  const decoding = new FileReading(FILE)
  const report = yield* readResultsJson(decodeText(bytes, decoding), options)
  return { ...report, warnings: [...decoding.warnings, ...report.warnings] }
}

/** @param zone  of the runner. */
export function toReport({ reading, report, start, firstStart }: ParsedResults, zone: string): JobReport {
  const time = start === null ? firstStart : (parseTime(start, zone) ?? firstStart)
  return { ...report, time, warnings: reading.warnings }
}

/** @throws BadRequest */
export function* readResults(text: string, { suites = [] }: Hints): Cooperative<ParsedResults> {
  const reading: FileReading = new FileReading(FILE)
  const content = yield* parseText(text, reading)
  const foreign = foreignReport(content)
  if (foreign) throw new BadRequest(foreign)
  if (!isObject(content)) reading.refuse('the content is not an object.')
  if (!('job_id' in content)) reading.refuse('job_id is missing.')
  if (!Array.isArray(content.tests)) reading.refuse('tests is not a list.')
  if (content.tests.length > MAX_TESTS) refuseManyTests(reading)
  const job = new Fields(content, '', reading)
  const total = job.count('total')
  const all = yield* readTests(content.tests, reading, { suites, total })
  const tests = yield* reading.withUniqueTags(all, { dropEqual: true })
  const folder = job.text('debuglog')?.split(/[/\\]/).at(-2)
  return {
    reading,
    report: {
      id: readId(content.job_id, text, reading),
      description: null,
      descriptionSource: descriptionSourceOf(namesOf(tests), 'tests'),
      elapsed: job.number('time'),
      wallTime: wallTimeOf(tests),
      status: null,
      ended: true,
      notStarted: reading.notStarted(total, tests.length),
      environment: null,
      activities: [],
      data: [],
      tests,
    },
    jobId: content.job_id,
    total,
    start: readStart(job, folder),
    firstStart: tests.reduce<number | null>(
      (first, { started }) => (started === null ? first : Math.min(first ?? started, started)),
      null,
    ),
  }
}

/** Parses JSON with Python's NaN and Infinity, which are replaced by texts and so count as unknown numbers. */
function* parseText(text: string, reading: FileReading): Cooperative<unknown> {
  try {
    const isStandard = !/NaN|Infinity/.test(text)
    if (!isStandard) checkJsonLimits(text, MAX_VALUES)
    return yield* parseJson(isStandard ? text : quoteNonFinite(text), MAX_VALUES)
  } catch (error) {
    if (error instanceof TooManyValues) reading.refuse(`${error.message}: send it as several jobs.`)
    reading.refuse(`this is not JSON: ${(error as Error).message}.`)
  }
}

function quoteNonFinite(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/gs, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  )
}

/** Whether a job has the id that every dry run has. */
export function isDryRun(id: string): boolean {
  return /^0{40}$/.test(id)
}

/** If the file has no usable id, one is made from its content, so that the same file is the same job. */
function readId(id: unknown, text: string, reading: FileReading): string {
  const usable = typeof id === 'string' && isJobId(id)
  if (usable && !isDryRun(id)) return id
  if (!usable) reading.warn('job_id is no id of a job: one was made of the content.')
  return idOfContent(text)
}

/** Up to Avocado 92 only the folder's name has the start, to the minute: `job-2026-11-23T18.20-aa0d4a7`. */
function readStart(job: Fields, folder: string | undefined): string | null {
  const start = job.text('start')
  if (start !== null && parseTime(start, 'UTC') !== undefined) return start
  if (start !== null) job.reading.unknown('start', 'the job', start)
  const [, day, minute] = /^job-(\d{4}-\d\d-\d\dT\d\d)\.(\d\d)-/.exec(folder ?? '') ?? []
  return day === undefined ? null : `${day}:${minute}`
}

/** Seconds from the start of the first test to the end of the last. */
function wallTimeOf(tests: TestReport[]): number | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { started, elapsed } of tests) {
    if (started === null) continue
    first = Math.min(first, started)
    last = Math.max(last, started + Math.round((elapsed ?? 0) * 1e6))
  }
  return first < last ? (last - first) / 1e6 : null
}

function* readTests(
  listed: unknown[],
  reading: FileReading,
  { suites, total }: { suites: string[]; total: number | null },
): Cooperative<TestReport[]> {
  const identified = yield* mapCooperatively(listed, (value, index) => {
    const place = `tests[${index}]`
    if (!isObject(value)) {
      reading.unknown('tests', place, value)
      return undefined
    }
    const fields = new Fields(value, place, reading)
    return { fields, ...readTag(fields, index) }
  })
  const tests = identified.filter((one) => one !== undefined)
  const unnamed = tests.filter(({ name }) => name === null).map(({ tag }) => tag)
  const split = splitterFor(unnamed, { suites, total: Math.max(listed.length, total ?? 0) })
  return yield* mapCooperatively(tests, ({ fields, tag, name }) =>
    readTest(fields, (name === null ? undefined : splitByName(tag, name)) ?? split(tag)),
  )
}

/** A test without an id gets one from its place in the file. */
function readTag(test: Fields, index: number): { tag: string; name: string | null } {
  const { reading } = test
  const [id, name] = [test.text('id'), test.text('name') || null]
  if (id) return { tag: reading.tag(id), name: name && reading.text(name) }
  reading.unknown('id', test.place, id ?? MISSING)
  const number = `${index + 1}-`
  return { tag: reading.tag(number + (name ?? `test ${index + 1}`)), name: null }
}

function readTest(test: Fields, split: SplitTag): TestReport {
  const { reading } = test
  const word = test.text('status')
  const status = word === null ? null : (reading.status(word, test.place) ?? null)
  // `start` and `end` are uptimes in most versions; the runner before Avocado 92 wrote dates.
  const started = test.time('actual_time_start', 'actual_start') ?? test.timeOrUptime('start')
  const ended = test.time('actual_time_end', 'actual_end') ?? test.timeOrUptime('end')
  return {
    ...split,
    status,
    precise: true,
    exactTimes: true,
    started,
    elapsed: test.number('time_elapsed', 'time'),
    folder: folderOf(test),
    failReason: reasonOf(test),
    activities: [
      ...(started === null ? [] : [{ activity: 'STARTED', time: started }]),
      ...(ended === null || status === null ? [] : [{ activity: 'ENDED', time: ended, status }]),
    ],
    data: [...readWhiteboard(test), ...readTags(test)],
  }
}

/** Old versions write Python's `None` as the reason of a test that passed. */
function reasonOf(test: Fields): string | null {
  const reason = test.text('fail_reason') ?? ''
  return test.reading.note(reason === 'None' ? '' : reason)
}

function folderOf(test: Fields): string | null {
  const folder = test.text('logdir')?.replace(/\/+$/, '').split('/').at(-1)
  return folder ? test.reading.text(folder) : null
}

function readWhiteboard(test: Fields): NewDatum[] {
  const value = test.reading.note(test.text('whiteboard') ?? '')
  return value === null ? [] : [{ category: 'whiteboard', key: 'whiteboard', value }]
}

/** `{"arch": ["x86_64", "arm"], "fast": null}` has two tags, one of them with values. */
function readTags(test: Fields): NewDatum[] {
  const { reading } = test
  const data = Object.entries(test.object('tags')).flatMap(([name, value]) => {
    if (name === '') return []
    const values = Array.isArray(value) || value === null ? value : [value]
    if (values?.some((one) => typeof one !== 'string')) {
      reading.unknown('tags', test.place, value)
      return []
    }
    const text = values && reading.text(values.join(','))
    return { category: 'tags', key: reading.name(name, 'name of a tag'), value: text }
  })
  // Names that were cut may be equal now, and keys must be unique.
  return [...new Map(data.map((datum) => [datum.key, datum])).values()]
}
