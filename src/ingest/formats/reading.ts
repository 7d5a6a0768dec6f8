// Tracks the reading of one file: collects its warnings, and makes its texts storable.

import { createHash } from 'node:crypto'
import type { Cooperative } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import { isReservedId } from '../../results/jobs/model'
import { findTestStatus, type ReportedTestStatus } from '../../results/statuses/model'
import { maskText } from '../../secrets/mask'
import type { TestReport } from '../model'
import { RepeatedNames } from '../repeated-names'

/** Code points, as in the models of tests, activities and data. */
const MAX_TAG = 1024
const MAX_NAME = 255
/** The longest suffix that makes a tag unique: `#1000000`. */
const MAX_SUFFIX = 8

/** Avocado's placeholder for an unknown value. */
export const MISSING = '<unknown>'

export class FileReading {
  readonly warnings: string[] = []
  readonly #warned = new Set<string>()
  readonly #unknown = new Map<string, { place: number; count: number; first: string }>()

  /** @param file  the name of the file in messages. */
  constructor(readonly file: string) {}

  /** @throws BadRequest, always. */
  refuse(sentence: string): never {
    throw new BadRequest(`${this.file}: ${sentence}`.toWellFormed())
  }

  warn(sentence: string): void {
    this.warnings.push(`${this.file}: ${sentence}`.toWellFormed())
  }

  /** Warns only the first time for each reason: a file of 100,000 tests may give the same reason 100,000 times. */
  warnOnce(reason: string, sentence: string): void {
    if (this.#warned.has(reason)) return
    this.#warned.add(reason)
    this.warn(sentence)
  }

  /**
   * Records a value that cannot be read. It counts as unknown, and one warning counts all such values of a name.
   *
   * @param what  the name of the value; `where`: its place in the file.
   */
  unknown(what: string, where: string, value: unknown): void {
    const known = this.#unknown.get(what)
    const { place, count, first } = known ?? {
      place: this.warnings.push('') - 1,
      count: 0,
      first: `${where}: ${excerptOf(value)}`,
    }
    this.#unknown.set(what, { place, count: count + 1, first })
    const many = count === 0 ? `a value of ${what} is` : `${count + 1} values of ${what} are`
    this.warnings[place] =
      `${this.file}: ${many} not understood and counted as unknown (${first}).`.toWellFormed()
  }

  /** The text without NULs and lone surrogates, which JSON can express and SQLite cannot store. */
  text(text: string): string {
    if (!text.includes('\0') && text.isWellFormed()) return text
    this.warnOnce('replaced', 'characters that no text can hold were replaced by U+FFFD.')
    return text.replaceAll('\0', '\uFFFD').toWellFormed()
  }

  /** The tag of a test, cut if it is too long. */
  tag(text: string): string {
    return this.#cut(this.text(text), MAX_TAG, 'tag of a test')
  }

  /** The name of an activity, the key of a datum or a description, cut if it is too long. */
  name(text: string, what: string): string {
    return this.#cut(this.text(text), MAX_NAME, what)
  }

  /** A reason or a note; null for an empty one. */
  note(text: string): string | null {
    return text === '' || text === MISSING ? null : this.text(text)
  }

  /** The status for one of Avocado's words; undefined, with a warning, for any other word. */
  status(word: string, place: string): ReportedTestStatus | undefined {
    const status = findTestStatus(word)
    if (!status) this.unknown('status', place, word)
    return status
  }

  /** How many tests of a job are counted and not listed. */
  notStarted(total: number | null, listed: number): number | null {
    if (total === null) return null
    if (total < listed) this.warn(`${total} tests are counted, ${listed} are listed.`)
    return Math.max(0, total - listed)
  }

  /**
   * Makes the tags of tests unique: the second `a` becomes `a#2`.
   *
   * @param dropEqual  drop a test that equals an earlier one in everything. In a format with test ids it is the same
   *   test reported twice; in a format with titles it is a second test.
   */
  *withUniqueTags(tests: TestReport[], { dropEqual }: { dropEqual: boolean }): Cooperative<TestReport[]> {
    const tags = new Set(tests.map(({ tag }) => tag))
    const seen = new Map<string, { first: TestReport; contents?: Set<string> }>()
    const names = new RepeatedNames()
    const distinct: TestReport[] = []
    for (const test of tests) {
      yield
      const { tag } = test
      const before = seen.get(tag)
      if (!before) {
        seen.set(tag, { first: test })
        distinct.push(test)
        continue
      }
      if (dropEqual) {
        before.contents ??= new Set([JSON.stringify(before.first)])
        const content = JSON.stringify(test)
        if (before.contents.has(content)) continue
        before.contents.add(content)
      }
      // Long tags may share their beginning, so numbers are counted for the beginning.
      const start = firstCodePoints(tag, MAX_TAG - MAX_SUFFIX)
      const unique = names.numbered(start, { isFree: (name) => !tags.has(name) })
      tags.add(unique)
      this.warnOnce('same tag', `several tests have the tag ${tag}; the second is stored as ${unique}.`)
      distinct.push({ ...test, tag: unique, variant: variantOf(unique, test) })
    }
    return distinct
  }

  #cut(text: string, max: number, what: string): string {
    const short = firstCodePoints(text, max)
    if (short.length < text.length) {
      this.warnOnce(what, `the ${what} was cut at ${max} characters: ${firstCodePoints(text, 60)}...`)
    }
    return short
  }
}

/** The number that makes a tag unique becomes part of the variant if there is one, otherwise of the name. */
function variantOf(unique: string, { tag, variant }: TestReport): string | null {
  const start = tag.length - (variant?.length ?? 0)
  return variant === null || unique[start - 1] !== ';' ? null : unique.slice(start)
}

function excerptOf(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 60 ? `${firstCodePoints(text, 60)}...` : text
}

/** The first `max` code points of a text. It masks secrets first, because half a password would not be recognised. */
export function firstCodePoints(text: string, max: number): string {
  if (text.length <= max) return text
  return [...maskText(text).slice(0, 2 * max + 1)].slice(0, max).join('')
}

/** Whether this can be the id of a job, which is part of URLs. */
export function isJobId(text: string): boolean {
  return /^[A-Za-z0-9._:-]{1,40}$/.test(text) && !isReservedId(text)
}

/** An id for the job of a file without one. The same file gives the same id. */
export function idOfContent(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex')
}
