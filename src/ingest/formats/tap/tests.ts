// Makes tests of the streams of a TAP file. A subtest follows the test that contains it: `parent > child`.

import type { Cooperative } from '../../../lib/cooperative'
import type { NewDatum } from '../../../results/data/queries'
import { findTestStatus } from '../../../results/statuses/model'
import { splitAvocadoTag, type TestReport } from '../../model'
import { type FileReading, firstCodePoints } from '../reading'
import { commentsOf } from './comments'
import { roundedSeconds } from './directives'
import { isNeverStarted, messageInTitle, type Producer, timeIn, titleOf } from './producers'
import type { Point, Stream } from './streams'
import { type Diagnostics, readDiagnostics } from './yaml'

/** The category of the data from a TAP file. */
export const TAP_CATEGORY = 'tap'
const SEPARATOR = ' > '
/** Characters of a parent in the tags of its subtests, so that the names of deeper tests fit, too. */
const MAX_PARENT = 500
/** Keys of the YAML that every test has, or that are stored elsewhere. */
const ORDINARY = new Set(['duration_ms', 'type'])

interface PlacedPoint {
  point: Point
  /** The names of the tests that contain this one, with separators. */
  parents: string
  /** The parent is expected to fail. */
  isParentExpectedToFail: boolean
  suite: string
}

export function* readTests(
  streams: readonly Stream[],
  producer: Producer,
  reading: FileReading,
): Cooperative<{ tests: TestReport[]; points: Point[]; neverStarted: number }> {
  const tests: TestReport[] = []
  const points: Point[] = []
  let neverStarted = 0
  // A stack instead of recursion; the next test is on top.
  const waiting: PlacedPoint[] = []
  for (const stream of streams.toReversed()) {
    push(waiting, stream, {
      parents: '',
      isParentExpectedToFail: false,
      suite: stream.isFromProve ? stream.name : '',
    })
  }
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    yield
    const { point, parents } = place
    if (isNeverStarted(point, producer)) {
      neverStarted++
      continue
    }
    const test = readTest(place, producer, reading)
    tests.push(test)
    points.push(point)
    const path = `${firstCodePoints(parents + titleOf(point, producer), MAX_PARENT)}${SEPARATOR}`
    const isParentExpectedToFail = place.isParentExpectedToFail || (point.fails && isExpected(point))
    for (const stream of point.subtests.toReversed())
      push(waiting, stream, { ...place, parents: path, isParentExpectedToFail })
  }
  return { tests, points, neverStarted }
}

/** Puts the tests of a stream on the stack, followed by those of its subtests that were cut off. */
function push(
  waiting: PlacedPoint[],
  { points, truncated }: Stream,
  outer: Omit<PlacedPoint, 'point'>,
): void {
  for (const stream of truncated.toReversed()) {
    const name = firstCodePoints(stream.name, MAX_PARENT)
    push(waiting, stream, name === '' ? outer : { ...outer, parents: outer.parents + name + SEPARATOR })
  }
  for (const point of points.toReversed()) waiting.push({ ...outer, point })
}

function readTest(
  { point, parents, isParentExpectedToFail, suite }: PlacedPoint,
  producer: Producer,
  reading: FileReading,
): TestReport {
  const tag = reading.tag(parents + titleOf(point, producer))
  const diagnostics = point.yaml && readDiagnostics(point.yaml)
  const skipped = skippedInside(point)
  const word = skipped === null ? wordOf(point, isParentExpectedToFail) : 'SKIP'
  const reason = word === 'PASS' ? '' : skipped || reasonOf(point, diagnostics, producer)
  return {
    ...splitName(tag, producer, suite),
    status: findTestStatus(word) ?? null,
    precise: false,
    exactTimes: false,
    started: null,
    elapsed: elapsedOf(point, diagnostics, producer, reading),
    folder: null,
    failReason: reading.note(reason),
    activities: [],
    data: dataOf(point, word, diagnostics, reading),
  }
}

function splitName(tag: string, { isAvocado, isNumbered }: Producer, suite: string) {
  if (!isAvocado) return { tag, prefix: '', suite, variant: null }
  const split = splitAvocadoTag(tag)
  return isNumbered ? split : { ...split, prefix: '' }
}

function isExpected({ directive }: Point): boolean {
  return directive === 'todo' || directive === 'expected'
}

function wordOf(point: Point, isParentExpectedToFail: boolean): string {
  const { fails, directive } = point
  if (directive === 'skip') return 'SKIP'
  if (!fails) return directive === 'warned' ? 'WARN' : 'PASS'
  if (directive === 'timeout') return 'INTERRUPTED'
  if (directive === 'error') return 'ERROR'
  return isExpected(point) || isParentExpectedToFail ? 'WARN' : 'FAIL'
}

/** A test whose only subtest has the plan `1..0` was skipped. @returns the reason; null when it was not skipped */
function skippedInside({ fails, directive, subtests }: Point): string | null {
  const [only, another] = subtests
  if (fails || directive !== null || !only || another || only.plan !== 0 || only.points.length > 0)
    return null
  return withoutSkip(only.planNote)
}

/** The reason in `SKIP reason`. */
export function withoutSkip(note: string): string {
  return note.replace(/^skip\S*\s*/i, '')
}

/** The fail reason, from the directive, the YAML and the comments of a test. */
function reasonOf(point: Point, diagnostics: Diagnostics | null, producer: Producer): string {
  const texts = [point.reason, messageInTitle(point, producer)]
  // Avocado's comments are whole logs. kselftest's comments give the reason if the directive does not.
  const isSkip = point.directive === 'skip' && !(producer.commentsFirst && point.reason === '')
  const isQuiet = producer.isAvocado || isSkip || isExpected(point)
  const values = diagnostics?.values
  const messages = [values?.get('message'), values?.get('error')].filter((text) => text)
  if (messages.length > 0) texts.push(...new Set(messages as string[]))
  else if (diagnostics && [...diagnostics.values.keys()].some((key) => !ORDINARY.has(key))) {
    texts.push(diagnostics.text)
  } else if (!isQuiet) texts.push(commentsOf(point, producer))
  return texts.filter((text) => text !== '').join('\n')
}

function elapsedOf(
  point: Point,
  diagnostics: Diagnostics | null,
  producer: Producer,
  reading: FileReading,
): number | null {
  const stated = diagnostics?.values.get('duration_ms')
  if (stated === undefined) return point.elapsed ?? timeIn(point, producer)
  const seconds = /^\d*\.?\d+(e[-+]?\d+)?$/i.test(stated) ? roundedSeconds(Number(stated) / 1000) : null
  if (seconds === null)
    reading.unknown('duration_ms', `test ${firstCodePoints(titleOf(point, producer), 60)}`, stated)
  return seconds
}

/** The YAML, if it has more than the ordinary keys; and the TODO reason of a test that passed. */
function dataOf(
  point: Point,
  word: string,
  diagnostics: Diagnostics | null,
  reading: FileReading,
): NewDatum[] {
  const data: NewDatum[] = []
  if (diagnostics && [...diagnostics.values.keys()].some((key) => !ORDINARY.has(key))) {
    data.push({ category: TAP_CATEGORY, key: 'yaml', value: reading.text(diagnostics.text) })
  }
  if (word === 'PASS' && isExpected(point) && point.reason !== '') {
    data.push({ category: TAP_CATEGORY, key: 'todo', value: reading.text(point.reason) })
  }
  return data
}
