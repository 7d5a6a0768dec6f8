// Reads JUnit XML in its many dialects, including Avocado's results.xml. One file is one job.

import type { Cooperative } from '../../lib/cooperative'
import type { JobReport } from '../model'
import { FileReading, idOfContent } from './reading'
import { attribute, childElements, type Element, localName, parseXml } from './xml/document'
import { jobParts } from './xml/job-parts'
import { LeftOut } from './xml/left-out'
import { countFailures, isOutput } from './xml/outcome'
import { isProperties } from './xml/properties'
import { readerOfSeconds } from './xml/seconds'
import { type FoundSuites, findSuites } from './xml/suites'
import { readCases, type XunitContext } from './xml/testcase'
import { readTimestamp } from './xml/timestamp'

const FILE = 'The xUnit file'
const AVOCADO = /^job-\d{4}-\d\d-\d\dT\d\d\.\d\d-[0-9a-f]{7}$/
/** Root elements of other XML formats, for the message that refuses them. */
const OTHERS: Record<string, string> = {
  'test-run': 'of NUnit 3',
  'test-results': 'of NUnit 2',
  assemblies: 'of xUnit.net',
  assembly: 'of xUnit.net',
  testrun: 'a TRX of Visual Studio',
  robot: 'the output.xml of Robot Framework',
  'testng-results': 'of TestNG',
  catch2testrun: "Catch2's own",
  catch: "Catch2's own",
  doctest: "doctest's own",
  testcase: "QtTest's own",
  site: 'of CTest for CDash',
  gtester: "GLib's own",
  testlog: "Boost.Test's own",
  testresult: "Boost.Test's own",
  cunit_test_run_report: "CUnit's own",
  suite: "Check's own",
  events: "JUnit's open test reporting",
  result: "Jenkins' own",
}

/**
 * Reads the job of a file.
 *
 * @param zone  the time zone of timestamps without one.
 * @throws BadRequest when this is not XML, or another XML format. Single values that cannot be read count as unknown.
 */
export function* readXunit(bytes: Uint8Array, { zone }: { zone: string }): Cooperative<JobReport> {
  const reading = new FileReading(FILE)
  const leftOut = new LeftOut()
  const { root, isCut } = parseXml(bytes, reading)
  refuseOthers(root, reading)
  yield
  const found = findSuites(root, reading, leftOut)
  if (found.suites.length + found.tests.length === 0) refuseOtherContent(root, reading)
  yield
  const isAvocado = found.root.suites.length === 0 && AVOCADO.test(found.name)
  const seconds = readerOfSeconds(timeGroupsOf(found))
  const elapsed = (element: Element, place: string) => {
    const text = timeOf(element)
    if (text.trim() === '') return null
    const value = seconds(text)
    if (value === undefined) reading.unknown('time', place, text)
    return value ?? null
  }
  const moment = (element: Element, place: string) => {
    const text = attribute(element, 'timestamp')
    const time = readTimestamp(text, zone)
    if (time === undefined) reading.unknown('timestamp', place, text)
    return time ?? null
  }
  const context: XunitContext = { reading, leftOut, isAvocado, elapsed, moment }
  const { tests, files } = yield* readCases(found, context)
  const parts = yield* jobParts(found, context)
  const started = tests.flatMap((test) => test.started ?? [])
  const counted = countsOf(found, reading)
  if (found.tests.length === 0) reading.warn('there is no test in it.')
  if (!isAvocado) warnOfCounts(counted, found, reading)
  leftOut.warn(reading)
  return {
    id: idOfContent(bytes),
    description: found.name === '' ? null : reading.name(found.name, 'name of the suites'),
    time: parts.time ?? (started.length === 0 ? null : started.reduce((a, b) => Math.min(a, b))),
    // CTest writes 0 instead of a total.
    elapsed: parts.elapsed || (sumOf(tests.map((test) => test.elapsed)) ?? parts.elapsed),
    status: null,
    notStarted: isCut || isAvocado ? notStartedOf(counted.tests, tests.length, { isCut, reading }) : null,
    environment: null,
    activities: parts.activities,
    data: parts.data,
    tests,
    files: [...parts.files, ...files],
    warnings: reading.warnings,
  }
}

function refuseOthers(root: Element, reading: FileReading): void {
  const name = localName(root)
  if (name === 'testsuite' || name === 'testsuites') return
  const other = Object.hasOwn(OTHERS, name)
    ? `: it is ${OTHERS[name]}, and has to be converted to JUnit's XML`
    : ''
  reading.refuse(`the root is <${root.name.slice(0, 60)}>, not <testsuite> or <testsuites>${other}.`)
}

/** In a file that ends too early, at least one test counts as not started. */
function notStartedOf(
  counted: number | null,
  listed: number,
  { isCut, reading }: { isCut: boolean; reading: FileReading },
): number | null {
  const missing = reading.notStarted(counted, listed)
  return isCut ? Math.max(1, missing ?? 0) : missing
}

/** <testsuites> may be empty; with other elements in it, the file has another format. */
function refuseOtherContent(root: Element, reading: FileReading): void {
  const unknown = childElements(root).find((child) => !isProperties(child) && !isOutput(child))
  if (unknown) reading.refuse(`there is no <testsuite> in it, but <${unknown.name.slice(0, 60)}>.`)
}

function timeOf(element: Element): string {
  return attribute(element, 'time') || attribute(element, 'duration')
}

/** The time of each suite, and the times of its tests and inner suites, which should add up to it. */
function timeGroupsOf({ root, suites }: FoundSuites) {
  return [...new Set([root, ...suites])].map(({ element, tests, suites }) => ({
    total: timeOf(element),
    parts: [...tests, ...suites].map((part) => timeOf(part.element)).filter((time) => time.trim() !== ''),
  }))
}

function sumOf(numbers: (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null)
  return known.length === 0 ? null : Number(known.reduce((a, b) => a + b, 0).toFixed(6))
}

/** The sums of the counts of the outermost suites; null if one of them has no count. */
function countsOf({ root, suites }: FoundSuites, reading: FileReading) {
  const outermost = suites.includes(root) ? [root] : root.suites
  const sum = (...names: string[]) => {
    let all: number | null = 0
    for (const { element } of outermost) {
      for (const name of names) {
        const text = attribute(element, name).trim()
        const isCount = /^\d{1,9}$/.test(text)
        if (!isCount && text !== '') reading.unknown(name, '<testsuite>', text)
        all = isCount && all !== null ? all + Number(text) : name === 'errors' && text === '' ? all : null
      }
    }
    return all
  }
  return { tests: sum('tests'), bad: sum('failures', 'errors') }
}

/** Warns if counts exceed the listed tests. Not `notStarted`: Catch2 and doctest count assertions as tests. */
function warnOfCounts(
  counted: { tests: number | null; bad: number | null },
  { tests }: FoundSuites,
  reading: FileReading,
): void {
  if (counted.tests !== null && counted.tests > tests.length) {
    reading.warn(`${counted.tests} tests are counted, ${tests.length} are listed.`)
  }
  const listed = tests.reduce((sum, { element }) => sum + countFailures(element), 0)
  if (counted.bad !== null && counted.bad > listed) {
    reading.warn(`${counted.bad} failures and errors are counted, ${listed} are listed.`)
  }
}
