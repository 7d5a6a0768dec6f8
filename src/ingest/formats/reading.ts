// One file that is read: its name for the sentences, what was replaced or left out, and how its texts are made fit
// to be stored.

import { createHash } from 'node:crypto'
import type { Cooperative } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'
import { isReservedId } from '../../results/jobs/model'
import { findTestStatus, type ReportedTestStatus } from '../../results/statuses/model'
import { maskText } from '../../secrets/mask'
import type { TestReport } from '../model'
import { RepeatedNames } from '../repeated-names'

/** As in the models of tests, activities and data: code points. */
const MAX_TAG = 1024
const MAX_NAME = 255
/** What a number behind a tag takes at most: `#1000000`. */
const MAX_SUFFIX = 8

/** What Avocado writes for a value that it does not have. */
export const MISSING = '<unknown>'

export class FileReading {
  readonly warnings: string[] = []
  readonly #said = new Set<string>()
  readonly #unknown = new Map<string, { place: number; count: number; first: string }>()

  /** @param file  how the sentences call it. */
  constructor(readonly file: string) {}

  /** @throws BadRequest, always. */
  refuse(sentence: string): never {
    throw new BadRequest(`${this.file}: ${sentence}`.toWellFormed())
  }

  warn(sentence: string): void {
    this.warnings.push(`${this.file}: ${sentence}`.toWellFormed())
  }

  /** A file of 100,000 tests may give the same reason 100,000 times. */
  warnOnce(reason: string, sentence: string): void {
    if (this.#said.has(reason)) return
    this.#said.add(reason)
    this.warn(sentence)
  }

  /**
   * A value that cannot be read is unknown, and takes nothing else with it: one sentence counts those of a kind.
   *
   * @param what  the name of the value; `where`: the place of this one.
   */
  unknown(what: string, where: string, value: unknown): void {
    const known = this.#unknown.get(what)
    const { place, count, first } = known ?? {
      place: this.warnings.push('') - 1,
      count: 0,
      first: `${where}: ${briefly(value)}`,
    }
    this.#unknown.set(what, { place, count: count + 1, first })
    const many = count === 0 ? `a value of ${what} is` : `${count + 1} values of ${what} are`
    this.warnings[place] =
      `${this.file}: ${many} not understood and counted as unknown (${first}).`.toWellFormed()
  }

  /** The text without NULs and halves of surrogate pairs, which JSON can write and SQLite cannot store. */
  text(text: string): string {
    if (!text.includes('\0') && text.isWellFormed()) return text
    this.warnOnce('replaced', 'characters that no text can hold were replaced by U+FFFD.')
    return text.replaceAll('\0', '\uFFFD').toWellFormed()
  }

  /** The tag of a test, cut where it is too long. */
  tag(text: string): string {
    return this.#cut(this.text(text), MAX_TAG, 'tag of a test')
  }

  /** The name of an activity, the key of a datum or a description, cut where it is too long. */
  name(text: string, what: string): string {
    return this.#cut(this.text(text), MAX_NAME, what)
  }

  /** A reason or a note; null where there is none. */
  note(text: string): string | null {
    return text === '' || text === MISSING ? null : this.text(text)
  }

  /** The status that a word of Avocado means; undefined for another word, which is unknown. */
  status(word: string, place: string): ReportedTestStatus | undefined {
    const status = findTestStatus(word)
    if (!status) this.unknown('status', place, word)
    return status
  }

  /** How many tests a job counted and did not run. */
  notStarted(total: number | null, listed: number): number | null {
    if (total === null) return null
    if (total < listed) this.warn(`${total} tests are counted, ${listed} are listed.`)
    return Math.max(0, total - listed)
  }

  /**
   * The tests with tags that are unique: the second `a` becomes `a#2`.
   *
   * @param equalOnce  of tests that are equal in everything the first only: a file that names its tests by an id
   *   says the same thing twice, one that names them by a title has two tests.
   */
  *distinct(tests: TestReport[], { equalOnce }: { equalOnce: boolean }): Cooperative<TestReport[]> {
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
      if (equalOnce) {
        before.contents ??= new Set([JSON.stringify(before.first)])
        const content = JSON.stringify(test)
        if (before.contents.has(content)) continue
        before.contents.add(content)
      }
      // Of long tags many have the same beginning, and so the same numbers before them.
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

/** What makes a tag unique is the end of the name, or of the variant where there is one. */
function variantOf(unique: string, { tag, variant }: TestReport): string | null {
  const start = tag.length - (variant?.length ?? 0)
  return variant === null || unique[start - 1] !== ';' ? null : unique.slice(start)
}

function briefly(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 60 ? `${firstCodePoints(text, 60)}...` : text
}

/** The text, or its beginning where it has more than `max` code points. A password that is cut would be none any more. */
export function firstCodePoints(text: string, max: number): string {
  if (text.length <= max) return text
  return [...maskText(text).slice(0, 2 * max + 1)].slice(0, max).join('')
}

/** As the id of a job that is posted: it stands in URLs. */
export function isJobId(text: string): boolean {
  return /^[A-Za-z0-9._:-]{1,40}$/.test(text) && !isReservedId(text)
}

/** An id for the job of a file that names none: the same file is the same job. */
export function idOfContent(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex')
}
