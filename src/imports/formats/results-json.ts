// results.json, which Avocado writes at the end of a job.

import { parseJson } from '../../http/parse-json'
import type { NewDatum } from '../../test-data/queries'
import { type Microseconds, parseTime } from '../../time'
import { type InTurns, mapInTurns } from '../../turns'
import { asAvocadoSplits, type JobReport, type TestReport } from '../model'
import { FileReading, isJobId, MISSING } from './reading'
import { naiveTime, zoneByStart } from './runner-zone'

const FILE = 'results.json'
const LAST = Date.UTC(2255, 0, 1) * 1000 - 1

/** A results.json that is read but for its one naive time. */
export interface Results {
  reading: FileReading
  report: Omit<JobReport, 'time' | 'warnings'>
  /** Tests that the job counted, listed or not. */
  total: number | null
  /** When the job started, by the clock on the runner's wall. */
  start: string | null
  /** When the first test started. */
  firstStart: Microseconds | null
}

/**
 * The job of a results.json.
 *
 * @param zone  where `start` is read, unless the times of the tests show that the runner was elsewhere.
 * @throws BadRequest with the place of what is not as Avocado writes it.
 */
export function* readResultsJson(text: string, { zone }: { zone: string }): InTurns<JobReport> {
  const results = yield* readResults(text)
  const { reading, start, firstStart } = results
  const local = start === null ? undefined : naiveTime(start)
  if (local === undefined || firstStart === null) return toReport(results, zone)
  return toReport(results, zoneByStart({ local, epoch: firstStart }, zone, reading))
}

/** @param zone  that of the runner. */
export function toReport({ reading, report, start, firstStart }: Results, zone: string): JobReport {
  const time =
    start === null ? firstStart : (parseTime(start, zone) ?? reading.refuse('start is not a time.'))
  return { ...report, time, warnings: reading.warnings }
}

/** @throws BadRequest */
export function* readResults(text: string): InTurns<Results> {
  const reading = new FileReading(FILE)
  const job = new Fields(yield* parseText(text, reading), '', reading)
  const listed = job.list('tests')
  const all = yield* mapInTurns(listed, (test, index) =>
    readTest(new Fields(test, `tests[${index}]`, reading)),
  )
  const tests = yield* reading.distinct(all, { equalOnce: true })
  const debuglog = job.text('debuglog')
  const folder = debuglog?.split(/[/\\]/).at(-2)
  const total = job.number('total', { integer: true })
  return {
    reading,
    report: {
      id: readId(job, reading),
      description: folder ? reading.name(folder, 'description') : null,
      elapsed: job.number('time'),
      status: null,
      notStarted: reading.notStarted(total, tests.length),
      environment: null,
      activities: [],
      data: [],
      tests,
    },
    total,
    start: job.text('start'),
    firstStart: tests.reduce<number | null>(
      (first, { started }) => (started === null ? first : Math.min(first ?? started, started)),
      null,
    ),
  }
}

function* parseText(text: string, reading: FileReading): InTurns<unknown> {
  try {
    return yield* parseJson(text)
  } catch (error) {
    reading.refuse(`this is not JSON: ${(error as Error).message}.`)
  }
}

function readId(job: Fields, reading: FileReading): string {
  const id = job.required('job_id')
  if (!isJobId(id)) reading.refuse('job_id is no id of a job.')
  return id
}

function readTest(test: Fields): TestReport {
  const { reading } = test
  const tag = reading.tag(test.required('id'))
  const word = test.text('status')
  const status = word === null ? null : reading.status(word, tag)
  const started = test.time('actual_time_start')
  const ended = test.time('actual_time_end')
  return {
    ...asAvocadoSplits(tag),
    status,
    precise: true,
    exactTimes: true,
    started,
    elapsed: test.number('time_elapsed'),
    folder: folderOf(test),
    failReason: reading.note(test.text('fail_reason') ?? ''),
    activities: [
      ...(started === null ? [] : [{ activity: 'STARTED', time: started }]),
      ...(ended === null || status === null ? [] : [{ activity: 'ENDED', time: ended, status }]),
    ],
    data: [...readWhiteboard(test), ...readTags(test)],
  }
}

function folderOf(test: Fields): string | null {
  const folder = test.text('logdir')?.replace(/\/+$/, '').split('/').at(-1)
  return folder ? test.reading.text(folder) : null
}

function readWhiteboard(test: Fields): NewDatum[] {
  const value = test.reading.note(test.text('whiteboard') ?? '')
  return value === null ? [] : [{ category: 'whiteboard', key: 'whiteboard', value }]
}

/** `{"arch": ["x86_64", "arm"], "fast": null}`: two tags, one of them with values. */
function readTags(test: Fields): NewDatum[] {
  const { reading } = test
  const tags = Object.entries(test.object('tags')).filter(([name]) => name !== '')
  const data = tags.map(([name, value]) => {
    const values = Array.isArray(value) || value === null ? value : [value]
    if (values?.some((one) => typeof one !== 'string'))
      test.refuse('tags', 'holds something other than texts')
    const text = values && reading.text(values.join(','))
    return { category: 'tags', key: reading.name(name, 'name of a tag'), value: text }
  })
  // Two that were cut may have become the same; a datum is there once.
  return [...new Map(data.map((datum) => [datum.key, datum])).values()]
}

/** The fields of an object; each knows its place. What Avocado does not know is missing, null, or `<unknown>`. */
class Fields {
  readonly #values: Record<string, unknown>

  constructor(
    value: unknown,
    readonly place: string,
    readonly reading: FileReading,
  ) {
    if (!isObject(value)) reading.refuse(`${place || 'the content'} is not an object.`)
    this.#values = value
  }

  refuse(name: string, what: string): never {
    this.reading.refuse(`${this.place === '' ? name : `${this.place}.${name}`} ${what}.`)
  }

  text(name: string): string | null {
    const value = this.#get(name)
    if (value !== null && typeof value !== 'string') this.refuse(name, 'is not a text')
    return value
  }

  required(name: string): string {
    const text = this.text(name)
    if (text === null || text === '') this.refuse(name, 'is missing')
    return text
  }

  number(name: string, { integer = false } = {}): number | null {
    const value = this.#get(name)
    if (value === null) return null
    if (typeof value !== 'number' || !Number.isFinite(value)) this.refuse(name, 'is not a number')
    if (value < 0) this.refuse(name, 'is negative')
    if (integer && !Number.isSafeInteger(value)) this.refuse(name, 'is not a whole number')
    return value
  }

  /** From seconds since 1970. */
  time(name: string): Microseconds | null {
    const seconds = this.number(name)
    const time = seconds && Math.round(seconds * 1e6)
    if (time !== null && time > LAST) this.refuse(name, 'is no time')
    return time
  }

  list(name: string): unknown[] {
    const value = this.#get(name)
    if (value === null) this.refuse(name, 'is missing')
    if (!Array.isArray(value)) this.refuse(name, 'is not a list')
    return value
  }

  object(name: string): Record<string, unknown> {
    const value = this.#get(name) ?? {}
    if (!isObject(value)) this.refuse(name, 'is not an object')
    return value
  }

  #get(name: string): unknown {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : null
    return value === MISSING ? null : value
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
