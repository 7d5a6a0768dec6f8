// Splits the ids of Avocado's tests: `01-passtest.py:PassTest.test;run-1`. In a job of several suites the suite comes
// first: `sanity-2-ok.py:Ok.test`, or its number if it has no name: `1-2-ok.py:Ok.test`. Source: TestID in Avocado, and
// the suites in its runners.

import { nameOf } from '../../results/tests/model'
import { splitAvocadoTag, type TestReport, tagPartsOf } from '../model'

export type SplitTag = Pick<TestReport, 'tag' | 'prefix' | 'suite' | 'variant'>

const PREFIX = /^(?:(.+)-)?\d+-$/s
const NUMBERED_SUITE = /^(\d+)-(\d+)-(?=.)/s
/** Possible ends of a suite's name. Both the suite's and the test's name may contain numbers. */
const END_OF_SUITE = /-(\d+)(?=-.)/gs
/** Possible ends that are tried in one tag. */
const MAX_ENDS = 16

/** @param name  of the test with its variant. @returns undefined when the tag does not end with this name */
export function splitByName(tag: string, name: string): SplitTag | undefined {
  return name !== '' && tag.endsWith(`-${name}`)
    ? splitAt(tag, tag.slice(0, tag.length - name.length))
    : undefined
}

/** @returns undefined when Avocado does not write such a prefix */
export function splitAt(tag: string, prefix: string): SplitTag | undefined {
  const parts = PREFIX.exec(prefix)
  if (!parts) return undefined
  return { tag, prefix, suite: parts[1] ?? '', variant: splitAvocadoTag(tag.slice(prefix.length)).variant }
}

/**
 * Splits the tags of one job when the names of its tests are unknown. `3-way` may be a name, so a number counts as that
 * of a suite only if every tag has one and the test numbers are not larger than the number of tests.
 *
 * @param suites  the known names of suites.
 * @param total  the number of tests in the job; null: the number of tags.
 */
export function splitterFor(
  tags: Iterable<string>,
  { suites = [], total = null }: { suites?: string[]; total?: number | null } = {},
): (tag: string) => SplitTag {
  const all = [...new Set(tags)]
  const maxNumber = Math.max(all.length, total ?? 0)
  const splitNamedSuite = namedSuites(all)
  const isSuited = (tag: string) => {
    const number = NUMBERED_SUITE.exec(tag)?.[2] ?? splitNamedSuite(tag)?.number
    return number !== undefined && Number(number) >= 1 && Number(number) <= maxNumber
  }
  const isNumbered = all.length > 0 && all.every(isSuited)
  const longestFirst = suites.filter((suite) => suite !== '').sort((a, b) => b.length - a.length)
  return (tag) => {
    const suite = longestFirst.find(
      (name) => tag.startsWith(`${name}-`) && /^\d+-./s.test(tag.slice(name.length + 1)),
    )
    const number = suite === undefined ? undefined : /^\d+-/.exec(tag.slice(suite.length + 1))?.[0]
    const prefix =
      number === undefined
        ? (splitNamedSuite(tag)?.prefix ?? (isNumbered ? NUMBERED_SUITE.exec(tag)?.[0] : undefined))
        : `${suite}-${number}`
    return (prefix === undefined ? undefined : splitAt(tag, prefix)) ?? splitAvocadoTag(tag)
  }
}

interface NamedSuite {
  suite: string
  number: string
  prefix: string
}

/**
 * Finds where the names of suites end: each suite numbers its tests from 1, without repetition. So
 * `rhel-9-slow-1-ok.py` and `rhel-9-slow-2-ok.py` belong to `rhel-9-slow`, because `rhel` cannot have two tests 9.
 *
 * @returns a function that splits a tag, at the first of several possible ends; undefined: the tag has no named suite
 */
function namedSuites(tags: readonly string[]): (tag: string) => NamedSuite | undefined {
  const counted = new Map<string, { numbers: Set<number>; isRepeated: boolean }>()
  for (const tag of tags) {
    for (const { suite, number } of possibleSuites(tag)) {
      const known = counted.get(suite) ?? { numbers: new Set(), isRepeated: false }
      known.isRepeated ||= known.numbers.has(Number(number))
      known.numbers.add(Number(number))
      counted.set(suite, known)
    }
  }
  const isCount = ({ suite }: NamedSuite) => {
    const known = counted.get(suite)
    return known !== undefined && !known.isRepeated && known.numbers.has(1)
  }
  return (tag) => {
    const ends = possibleSuites(tag)
    return ends.find(isCount) ?? ends[0]
  }
}

function possibleSuites(tag: string): NamedSuite[] {
  if (/^\d+-/.test(tag)) return []
  const ends: NamedSuite[] = []
  for (const { index, 0: text, 1: number = '' } of tag.matchAll(END_OF_SUITE)) {
    if (index > 0) ends.push({ suite: tag.slice(0, index), number, prefix: `${tag.slice(0, index)}${text}-` })
    if (ends.length === MAX_ENDS) break
  }
  return ends
}

/** The names of tests. The one with the lowest number comes first, because files list tests by the time they ended. */
export function namesOf(tests: readonly TestReport[]): string[] {
  const [first, ...others] = tests
  if (!first) return []
  let lowest = first
  for (const test of others) if (numberOf(test) < numberOf(lowest)) lowest = test
  return [lowest, ...tests.filter((test) => test !== lowest)].map((test) => nameOf(tagPartsOf(test)))
}

function numberOf({ prefix }: TestReport): number {
  const [, number] = /(\d+)-$/.exec(prefix) ?? []
  return number === undefined ? Number.POSITIVE_INFINITY : Number(number)
}

/** Avocado cuts long names in folders, but not the variant after them. So many equal characters identify the name. */
const ENOUGH_COMMON_CHARACTERS = 32

/** The prefix before the test's name in the name of its folder. @returns '' if it is unclear */
export function prefixOfFolder(folder: string, name: string): string {
  const safe = toFolderName(name)
  if (folder.endsWith(safe)) {
    const prefix = folder.slice(0, folder.length - safe.length)
    return PREFIX.test(prefix) ? prefix : ''
  }
  const cut = safe.slice(0, ENOUGH_COMMON_CHARACTERS)
  const start = cut.length < ENOUGH_COMMON_CHARACTERS ? -1 : folder.indexOf(`-${cut}`)
  const prefix = folder.slice(0, start + 1)
  return PREFIX.test(prefix) ? prefix : ''
}

/** The folder name that Avocado gives a test: characters that a file system may refuse become underscores. */
export function toFolderName(tag: string): string {
  return tag.replace(/[<>:"/\\|?*;]/g, '_')
}
