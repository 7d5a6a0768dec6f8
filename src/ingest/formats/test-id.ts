// The ids of Avocado's tests: `01-passtest.py:PassTest.test;run-1`; in a job of several suites the suite stands in front:
// `sanity-2-ok.py:Ok.test`, or its number where it has no name: `1-2-ok.py:Ok.test`. Source: TestID in Avocado, and
// resolutions of suites in its runners.

import { nameOf } from '../../results/tests/model'
import { asAvocadoSplits, type TestReport, tagPartsOf } from '../model'

export type SplitTag = Pick<TestReport, 'tag' | 'prefix' | 'suite' | 'variant'>

const PREFIX = /^(?:(.+)-)?\d+-$/s
const NUMBERED_SUITE = /^(\d+)-(\d+)-(?=.)/s
/** Where a suite with a name may end: its name may hold numbers as well, and so may that of the test. */
const END_OF_SUITE = /-(\d+)(?=-.)/gs
/** Of one tag. */
const MAX_ENDS = 16

/** @param name  of the test with its variant, as the source tells it. @returns undefined when the tag has not this name */
export function splitByName(tag: string, name: string): SplitTag | undefined {
  return name !== '' && tag.endsWith(`-${name}`)
    ? splitAt(tag, tag.slice(0, tag.length - name.length))
    : undefined
}

/** @returns undefined when Avocado writes no such prefix */
export function splitAt(tag: string, prefix: string): SplitTag | undefined {
  const parts = PREFIX.exec(prefix)
  if (!parts) return undefined
  return { tag, prefix, suite: parts[1] ?? '', variant: asAvocadoSplits(tag.slice(prefix.length)).variant }
}

/**
 * Splits the tags of one job for which nothing tells the names. `3-way` may be a name, so numbers of suites are believed
 * only where every tag has one, and counts its tests no further than the job has tests.
 *
 * @param suites  names of suites that are known.
 * @param total  how many tests the job has; null: at least those.
 */
export function splitterFor(
  tags: Iterable<string>,
  { suites = [], total = null }: { suites?: string[]; total?: number | null } = {},
): (tag: string) => SplitTag {
  const all = [...new Set(tags)]
  const most = Math.max(all.length, total ?? 0)
  const named = namedSuites(all)
  const isSuited = (tag: string) => {
    const number = NUMBERED_SUITE.exec(tag)?.[2] ?? named(tag)?.number
    return number !== undefined && Number(number) >= 1 && Number(number) <= most
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
        ? (named(tag)?.prefix ?? (isNumbered ? NUMBERED_SUITE.exec(tag)?.[0] : undefined))
        : `${suite}-${number}`
    return (prefix === undefined ? undefined : splitAt(tag, prefix)) ?? asAvocadoSplits(tag)
  }
}

interface NamedSuite {
  suite: string
  number: string
  prefix: string
}

/**
 * Where the named suites of a job end: of `rhel-9-slow-1-ok.py` and `rhel-9-slow-2-ok.py` the numbers count tests of
 * `rhel-9-slow`, from 1 on and each once; two tests 9 of `rhel` there cannot be.
 *
 * @returns a function that splits a tag, where several ends are as good at the first; undefined: no suite has a name there
 */
function namedSuites(tags: readonly string[]): (tag: string) => NamedSuite | undefined {
  const counted = new Map<string, { numbers: Set<number>; isRepeated: boolean }>()
  for (const tag of tags) {
    for (const { suite, number } of endsOfSuite(tag)) {
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
    const ends = endsOfSuite(tag)
    return ends.find(isCount) ?? ends[0]
  }
}

function endsOfSuite(tag: string): NamedSuite[] {
  if (/^\d+-/.test(tag)) return []
  const ends: NamedSuite[] = []
  for (const { index, 0: text, 1: number = '' } of tag.matchAll(END_OF_SUITE)) {
    if (index > 0) ends.push({ suite: tag.slice(0, index), number, prefix: `${tag.slice(0, index)}${text}-` })
    if (ends.length === MAX_ENDS) break
  }
  return ends
}

/** The names of tests, the one with the lowest number first: files list them in the order in which they ended. */
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

/** A longer name is cut in its folder, and a variant behind it is not: what has so much in common is the name. */
const ENOUGH = 32

/** What stands in front of the name of a test in the name of its folder. @returns '' where it cannot be told */
export function prefixOfFolder(folder: string, name: string): string {
  const safe = inFileSystem(name)
  if (folder.endsWith(safe)) {
    const prefix = folder.slice(0, folder.length - safe.length)
    return PREFIX.test(prefix) ? prefix : ''
  }
  const cut = safe.slice(0, ENOUGH)
  const start = cut.length < ENOUGH ? -1 : folder.indexOf(`-${cut}`)
  const prefix = folder.slice(0, start + 1)
  return PREFIX.test(prefix) ? prefix : ''
}

/** As Avocado names the folder of a test: what a file system would not like is an underscore. */
export function inFileSystem(tag: string): string {
  return tag.replace(/[<>:"/\\|?*;]/g, '_')
}
