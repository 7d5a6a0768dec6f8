// Reads how a test ended and why, from the elements in it and from words in its attributes.

import type { FileReading } from '../reading'
import { MISSING } from '../reading'
import {
  attribute,
  childElements,
  type Element,
  isElement,
  localName,
  ownText,
  plainName,
  textOf,
} from './document'
import type { LeftOut } from './left-out'

/** From the weakest to the strongest: the strongest word about a test decides. */
const SEVERITY = ['PASS', 'SKIP', 'CANCEL', 'WARN', 'FAIL', 'INTERRUPTED', 'ERROR'] as const
export type StatusWord = (typeof SEVERITY)[number]

/** The words for elements in a test. The last try of a flaky test passed, so its element is only a reason. */
const PROBLEMS: Record<string, StatusWord> = {
  failure: 'FAIL',
  error: 'ERROR',
  rerunfailure: 'FAIL',
  rerunerror: 'ERROR',
  flakyfailure: 'PASS',
  flakyerror: 'PASS',
  ...wordsOf('WARN', 'warning risky useless'),
  ...wordsOf('CANCEL', 'cancelled canceled'),
  ...wordsOf('SKIP', 'skipped skip ignored ignore disabled notrun pending incomplete'),
}

/** The words for values of `status` and `result`, in lower case and without blanks, dashes and underscores. */
const STATUS_WORDS: Record<string, StatusWord> = {
  ...wordsOf(
    'PASS',
    'pass passed ok success succeeded successful run ran executed completed complete enabled fixed flaky bpass',
  ),
  ...wordsOf(
    'SKIP',
    'skip skipped disabled ignored ignore notrun notrunning notexecuted suppressed pending excluded filtered omitted blocked inconclusive incomplete untested unsupported quarantined explicit notrunnable notapplicable na',
  ),
  ...wordsOf('CANCEL', 'cancel canceled cancelled'),
  // Includes Qt's expected failures and blacklisted tests.
  ...wordsOf(
    'WARN',
    'warn warning unstable risky knownissue knownfailure expectedfailure xfail xfailed bfail bxfail bxpass',
  ),
  ...wordsOf('FAIL', 'fail failed failure undefined unexpectedsuccess xpass xpassed regression'),
  ...wordsOf(
    'ERROR',
    'error errored errors broken crash crashed panicked killed hung timeout timedout exception aborted',
  ),
  // A test that was running when the file was written has not ended.
  ...wordsOf('INTERRUPTED', 'interrupt interrupted started running inprogress unfinished notfinished'),
}

/** Attributes with a boolean value. */
const FLAGS: [name: string, means: 'true' | 'false', word: StatusWord][] = [
  ['executed', 'false', 'SKIP'],
  ['disabled', 'true', 'SKIP'],
  ['skipped', 'true', 'SKIP'],
  ['ignored', 'true', 'SKIP'],
  ['success', 'false', 'FAIL'],
]

/** The attributes of a test that this file reads. */
export const STATUS_ATTRIBUTES = ['status', 'result', ...FLAGS.map(([name]) => name)]
/** Attributes of a problem that are read, or that repeat attributes of the test. */
const PROBLEM_ATTRIBUTES = new Set(['message', 'type', 'result', 'status', 'time', 'timestamp'])
/** Qt writes messages, including why a test was skipped, in comments. */
const COMMENT = /^\s*message="([^"]*)"\s+type="(\w+)"\s*$/

function wordsOf(word: StatusWord, names: string): Record<string, StatusWord> {
  return Object.fromEntries(names.split(' ').map((name) => [name, word]))
}

export function isProblem(element: Element): boolean {
  return Object.hasOwn(PROBLEMS, localName(element))
}

/** The strongest word about a test. @param place  of the test, for the warning about an unknown word. */
export function readStatusWord(test: Element, place: string, reading: FileReading): StatusWord {
  let worst: StatusWord = 'PASS'
  const take = (word: StatusWord) => {
    if (SEVERITY.indexOf(word) > SEVERITY.indexOf(worst)) worst = word
  }
  for (const child of childElements(test))
    if (isProblem(child)) take(PROBLEMS[localName(child)] as StatusWord)
  for (const name of ['status', 'result']) {
    const given = attribute(test, name)
    const word = statusWordOf(given)
    if (word) take(word)
    else if (given.trim() !== '') reading.unknown(name, place, given)
  }
  for (const [name, means, word] of FLAGS) {
    const given = attribute(test, name).toLowerCase()
    if (means === 'true' ? /^(true|yes|1)$/.test(given) : /^(false|no|0)$/.test(given)) take(word)
  }
  return worst
}

/** Failures and errors of a test as a suite counts them: each element, or one if only an attribute says so. */
export function countFailures(test: Element): number {
  const isBad = (word: StatusWord | undefined) => word === 'FAIL' || word === 'ERROR'
  const elements = childElements(test).filter(
    (child) => isProblem(child) && isBad(PROBLEMS[localName(child)]),
  )
  if (elements.length > 0) return elements.length
  const words = ['status', 'result'].map((name) => statusWordOf(attribute(test, name)))
  return words.some(isBad) ? 1 : 0
}

function statusWordOf(given: string): StatusWord | undefined {
  const sign = given.toLowerCase().replace(/[\s_-]/g, '')
  return Object.hasOwn(STATUS_WORDS, sign) ? STATUS_WORDS[sign] : undefined
}

/** The texts of all problems of a test, in order; null if there are none. */
export function readReason(
  test: Element,
  { reading, leftOut, isAvocado }: { reading: FileReading; leftOut: LeftOut; isAvocado: boolean },
): string | null {
  const reasons: string[] = []
  for (const child of test.children) {
    if (typeof child === 'object' && 'comment' in child) {
      const { message, type } = readComment(child.comment) ?? {}
      if (message && type === 'skip') reasons.push(message)
    } else if (isElement(child) && isProblem(child)) {
      const reason = isAvocado ? reasonOfAvocado(child) : reasonOf(child)
      if (reason !== '') reasons.push(reason)
      for (const name of Object.keys(child.attributes)) {
        if (!PROBLEM_ATTRIBUTES.has(name) && attribute(child, name) !== '')
          leftOut.add(`"${name.slice(0, 60)}" of <${plainName(child).slice(0, 60)}>`)
      }
    }
  }
  return reading.note(reasons.join('\n\n'))
}

/** Reads a message that Qt writes as a comment. */
export function readComment(comment: string): { message: string; type: string } | undefined {
  const [, message, type] = COMMENT.exec(comment) ?? []
  if (message === undefined || type === undefined) return undefined
  return { message: withoutReferences(message), type }
}

/** Replaces references, which the parser leaves as they are in comments. */
function withoutReferences(text: string): string {
  const namedReferences: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' }
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(quot|apos|lt|gt|amp));/gi,
    (whole, hex, decimal, name) => {
      if (name) return namedReferences[name.toLowerCase()] ?? whole
      const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** Whether this is an element with output, which is stored as a file. */
export function isOutput(element: Element): boolean {
  return /^(system-?(out|err)|std(out|err))$/.test(localName(element))
}

function reasonOf(problem: Element): string {
  const text = withoutPlaceholder(textOf(problem, isOutput).trim())
  const message = withoutPlaceholder(attribute(problem, 'message').trim())
  const type = withoutPlaceholder(attribute(problem, 'type'))
  const content = containsNearStart(text, message) ? text : joined('\n', message, text)
  const isTypeRedundant = Object.hasOwn(STATUS_WORDS, type.toLowerCase()) || containsNearStart(content, type)
  const typed = isTypeRedundant ? content : joined(': ', type, content)
  const name = plainName(problem)
  return /^(rerun|flaky)/i.test(name) ? joined(': ', name, typed) : typed
}

/** Whether a text contains the part near its beginning, as a stack trace usually contains the type and message. */
function containsNearStart(text: string, part: string): boolean {
  // The parser turns line breaks in attributes into blanks.
  const collapsed = (text: string) => ` ${text.replace(/\s+/g, ' ').trim()}`
  return part === '' || collapsed(text.slice(0, 2 * part.length + 400)).includes(collapsed(part))
}

function joined(separator: string, ...texts: string[]): string {
  return texts.filter((text) => text !== '').join(separator)
}

/** Only the message, as in results.json: the traceback becomes a file. */
function reasonOfAvocado(problem: Element): string {
  return withoutPlaceholder(attribute(problem, 'message')) || withoutPlaceholder(ownText(problem).trim())
}

function withoutPlaceholder(text: string): string {
  return text === MISSING ? '' : text
}
