// Who wrote a TAP file, where its words mean something else then.

import type { Findings } from './findings'
import type { Point, Stream } from './streams'

/** `path.py:Class.method`; a variant as yaml-to-mux names it. */
const TEST_OF_AVOCADO = /\.py:\w+\.\w|;run-\S*-[0-9a-f]{4}$/
const NEVER_STARTED = /^(?:$|Interrupting job)/
const NUMBER = /^\d+-/
/** What the harness of kselftest writes in front of tests, and behind them all. */
const KSELFTEST = /^(?:Starting \d+ tests from |Totals: pass:\d)/

export interface Producer {
  /** Avocado: a `;` separates the variant; a skip without a name is a test that never started. */
  isAvocado: boolean
  /** Avocado of old: its numbers stand in front of the names. */
  isNumbered: boolean
  /** bats with --timing: ` in 12ms` ends the titles. */
  isTimed: boolean
  /** GLib's: what happened stands in the title. */
  isGlib: boolean
  /** The kernel's say what happened before they say that it failed; others afterwards. */
  commentsFirst: boolean
}

export function findProducer(streams: readonly Stream[], { isVersioned, isKernels }: Findings): Producer {
  const [first] = streams
  const points = streams.flatMap((stream) => stream.points)
  const isAvocado = streams.length === 1 && first !== undefined && !isVersioned && isAvocados(first)
  const titled = points.filter(({ title }) => title !== '')
  return {
    isAvocado,
    isNumbered: isAvocado && titled.every(({ title }) => NUMBER.test(title)),
    isTimed: titled.length > 0 && titled.every(({ title, hasDash }) => !hasDash && / in \d+ms$/.test(title)),
    isGlib: streams.some((stream) => stream.isGlib),
    commentsFirst:
      isKernels || streams.some(isKselftest) || points.some(({ title }) => title.startsWith('selftests: ')),
  }
}

function isKselftest({ comments }: Stream): boolean {
  return comments.some((some) => some.some((text) => KSELFTEST.test(text)))
}

/** Its plan is first, its tests are counted without a gap, and their names look so. */
function isAvocados({ plan, isPlanLast, points, cut }: Stream): boolean {
  if (plan === null || isPlanLast || cut.length > 0) return false
  const isPlain = points.every(
    ({ number, hasDash, yaml, inside }, index) =>
      number === index + 1 && !hasDash && yaml === null && inside.length === 0,
  )
  return isPlain && points.some(isOfAvocado)
}

function isOfAvocado({ title, directive, reason, before }: Point): boolean {
  const isInterrupted = title === '' && directive === 'skip' && reason.startsWith('Interrupting job')
  return (
    TEST_OF_AVOCADO.test(title) || isInterrupted || (before[0] ?? '').startsWith(`debug.log of ${title}:`)
  )
}

/** Avocado writes a line for each test that never started. */
export function isNeverStarted({ title, directive, reason }: Point, { isAvocado }: Producer): boolean {
  return isAvocado && title === '' && directive === 'skip' && NEVER_STARTED.test(reason)
}

/** The title without what some producers write into it; a test without one is called by its number. */
export function titleOf(point: Point, producer: Producer): string {
  const { title, directive, reason, number } = point
  const message = messageInTitle(point, producer)
  if (message !== '') return title.slice(0, -message.length - MESSAGE.length)
  const { start } = splitTime(title, producer)
  if (start !== '') return start
  // git names what it skips behind the hash.
  const skipped = directive === 'skip' ? /^(\S.*) \(missing [^()]+\)$/.exec(reason)?.[1] : undefined
  return skipped ?? String(number)
}

/** In seconds. */
export function timeIn({ title, after }: Point, producer: Producer): number | null {
  const slow = producer.isGlib ? after.find((text) => text.startsWith('slow test ')) : undefined
  const seconds = / executed in (\d+(?:\.\d+)?) secs$/.exec(slow ?? '')?.[1]
  return seconds === undefined ? splitTime(title, producer).elapsed : Number(seconds)
}

const MESSAGE = ' - '

/** GLib: `/path - ERROR:file:line: what happened`, and the next time that it passes `/path` alone. */
export function messageInTitle({ title, fails }: Point, { isGlib }: Producer): string {
  const end = isGlib && fails && title.startsWith('/') ? title.indexOf(MESSAGE) : -1
  return end < 0 ? '' : title.slice(end + MESSAGE.length)
}

/** Criterion: `suite::name  (0.02s)`, and for a timeout nothing. */
const CRITERIONS_TIME = / {2}\((\d+(?:\.\d+)?)s\)$/

/** pg_regress: `+ boolean      142 ms`; bats: `adds in 12ms`. */
function splitTime(title: string, { isTimed }: Producer): { start: string; elapsed: number | null } {
  const criterions = CRITERIONS_TIME.exec(title)
  if (criterions) return { start: title.slice(0, criterions.index), elapsed: Number(criterions[1]) }
  const end = isTimed ? title.lastIndexOf(' in ') : title.endsWith(' ms') ? title.lastIndexOf('  ') : -1
  const time = end < 0 ? undefined : /^(?: in |\s+)(\d+) ?ms$/.exec(title.slice(end))?.[1]
  if (time === undefined) return { start: title, elapsed: null }
  return { start: title.slice(0, end).trim().replace(/^\+ /, ''), elapsed: Number(time) / 1000 }
}
