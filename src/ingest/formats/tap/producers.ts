// Detects the producer of a TAP file, because some producers give titles and comments a meaning of their own.

import type { Findings } from './findings'
import type { Point, Stream } from './streams'

/** `path.py:Class.method`; a variant as yaml-to-mux names it. */
const TEST_OF_AVOCADO = /\.py:\w+\.\w|;run-\S*-[0-9a-f]{4}$/
const NEVER_STARTED = /^(?:$|Interrupting job)/
const NUMBER = /^\d+-/
/** What the harness of kselftest writes before and after its tests. */
const KSELFTEST = /^(?:Starting \d+ tests from |Totals: pass:\d)/

export interface Producer {
  /** Avocado: `;` separates the variant; a skip without a name is a test that never started. */
  isAvocado: boolean
  /** Old versions of Avocado: a number precedes each name. */
  isNumbered: boolean
  /** bats with --timing: titles end with ` in 12ms`. */
  isTimed: boolean
  /** GLib: the title contains the failure message. */
  isGlib: boolean
  /** The kernel writes comments before the test that they are about; other producers write them after it. */
  commentsFirst: boolean
}

export function findProducer(streams: readonly Stream[], { isVersioned, isKtap }: Findings): Producer {
  const [first] = streams
  const points = streams.flatMap((stream) => stream.points)
  const isAvocado = streams.length === 1 && first !== undefined && !isVersioned && isAvocadoStream(first)
  const titled = points.filter(({ title }) => title !== '')
  return {
    isAvocado,
    isNumbered: isAvocado && titled.every(({ title }) => NUMBER.test(title)),
    isTimed: titled.length > 0 && titled.every(({ title, hasDash }) => !hasDash && / in \d+ms$/.test(title)),
    isGlib: streams.some((stream) => stream.isGlib),
    commentsFirst:
      isKtap || streams.some(isKselftest) || points.some(({ title }) => title.startsWith('selftests: ')),
  }
}

function isKselftest({ comments }: Stream): boolean {
  return comments.some((some) => some.some((text) => KSELFTEST.test(text)))
}

/** Avocado writes the plan first and numbers tests without gaps; at least one name must look like Avocado's. */
function isAvocadoStream({ plan, isPlanLast, points, truncated }: Stream): boolean {
  if (plan === null || isPlanLast || truncated.length > 0) return false
  const isPlain = points.every(
    ({ number, hasDash, yaml, subtests }, index) =>
      number === index + 1 && !hasDash && yaml === null && subtests.length === 0,
  )
  return isPlain && points.some(looksLikeAvocado)
}

function looksLikeAvocado({ title, directive, reason, before }: Point): boolean {
  const isInterrupted = title === '' && directive === 'skip' && reason.startsWith('Interrupting job')
  return (
    TEST_OF_AVOCADO.test(title) || isInterrupted || (before[0] ?? '').startsWith(`debug.log of ${title}:`)
  )
}

/** Whether this is Avocado's line for a test that never started. */
export function isNeverStarted({ title, directive, reason }: Point, { isAvocado }: Producer): boolean {
  return isAvocado && title === '' && directive === 'skip' && NEVER_STARTED.test(reason)
}

/** The title without times and messages that some producers add; the number of a test without a title. */
export function titleOf(point: Point, producer: Producer): string {
  const { title, directive, reason, number } = point
  const message = messageInTitle(point, producer)
  if (message !== '') return title.slice(0, -message.length - MESSAGE.length)
  const { start } = splitTime(title, producer)
  if (start !== '') return start
  // git writes the name of a skipped test after the hash.
  const skipped = directive === 'skip' ? /^(\S.*) \(missing [^()]+\)$/.exec(reason)?.[1] : undefined
  return skipped ?? String(number)
}

/** The duration in seconds that a title or comment gives. */
export function timeIn({ title, after }: Point, producer: Producer): number | null {
  const slow = producer.isGlib ? after.find((text) => text.startsWith('slow test ')) : undefined
  const seconds = / executed in (\d+(?:\.\d+)?) secs$/.exec(slow ?? '')?.[1]
  return seconds === undefined ? splitTime(title, producer).elapsed : Number(seconds)
}

const MESSAGE = ' - '

/** The message in GLib's title of a failed test: `/path - ERROR:file:line: message`. When it passes: `/path`. */
export function messageInTitle({ title, fails }: Point, { isGlib }: Producer): string {
  const end = isGlib && fails && title.startsWith('/') ? title.indexOf(MESSAGE) : -1
  return end < 0 ? '' : title.slice(end + MESSAGE.length)
}

/** Criterion: `suite::name  (0.02s)`; after a timeout there is no duration. */
const CRITERION_TIME = / {2}\((\d+(?:\.\d+)?)s\)$/

/** pg_regress: `+ boolean      142 ms`; bats: `adds in 12ms`. */
function splitTime(title: string, { isTimed }: Producer): { start: string; elapsed: number | null } {
  const criterion = CRITERION_TIME.exec(title)
  if (criterion) return { start: title.slice(0, criterion.index), elapsed: Number(criterion[1]) }
  const end = isTimed ? title.lastIndexOf(' in ') : title.endsWith(' ms') ? title.lastIndexOf('  ') : -1
  const time = end < 0 ? undefined : /^(?: in |\s+)(\d+) ?ms$/.exec(title.slice(end))?.[1]
  if (time === undefined) return { start: title, elapsed: null }
  return { start: title.slice(0, end).trim().replace(/^\+ /, ''), elapsed: Number(time) / 1000 }
}
