// JUnit's XML in its many dialects, Avocado's results.xml among them.

import { findTestStatus } from '../../statuses/model'
import { parseTime } from '../../time'
import { type InTurns, mapInTurns } from '../../turns'
import { asAvocadoSplits, type JobReport, type TestReport } from '../model'
import { FileReading, idsOfContent, MISSING } from './reading'

const FILE = 'The xUnit file'

/** A <testsuite>, its tests, and those of the suites in it. */
interface Suite {
  node: Bun.XML.Node
  own: Bun.XML.Node[]
  all: number
}

/**
 * One job for each <testsuite> that holds tests, or that is empty.
 *
 * @param zone  where a timestamp without a zone is read.
 * @throws BadRequest for what is no XML, or another kind of it.
 */
export function* readXunit(text: string, { zone }: { zone: string }): InTurns<JobReport[]> {
  const reading = new FileReading(FILE)
  const root = parseXml(text, reading)
  if (root.name !== 'testsuite' && root.name !== 'testsuites') {
    reading.refuse(`the root is <${root.name.slice(0, 60)}>, not <testsuite> or <testsuites>.`)
  }
  yield
  const suites = findSuites(root).filter(({ own, all }) => own.length > 0 || all === 0)
  if (suites.length === 0) reading.refuse('there is no <testsuite> in it.')
  yield
  const idOf = idsOfContent(text)
  const jobs: JobReport[] = []
  for (const [index, suite] of suites.entries()) {
    jobs.push(yield* readSuite(suite, idOf(index), index + 1, zone))
  }
  jobs[0]?.warnings.unshift(...reading.warnings)
  return jobs
}

function parseXml(text: string, reading: FileReading): Bun.XML.Node {
  try {
    return Bun.XML.parse(readable(text, reading), { compact: false })
  } catch (error) {
    // SyntaxError, too, for entities that grow without end; RangeError for elements in elements in elements.
    reading.refuse(`this is not XML: ${(error as Error).message}.`)
  }
}

/** Many tools copy the colours of a terminal into their files, which XML does not allow. */
function readable(text: string, reading: FileReading): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g
  const allowed = text.toWellFormed().replace(forbidden, '\uFFFD')
  if (allowed !== text) reading.warn('characters that XML cannot hold were replaced by U+FFFD.')
  return allowed.replace(/^\uFEFF/, '')
}

/** Loops, not a recursion: suites may be nested deeper than a stack. */
function findSuites(root: Bun.XML.Node): Suite[] {
  const found: (Suite & { outer?: Suite })[] = []
  const waiting: { node: Bun.XML.Node; outer?: Suite }[] = [{ node: root }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const own = elements(next.node, 'testcase')
    const suite = { ...next, own, all: own.length }
    found.push(suite)
    for (const node of elements(next.node, 'testsuite').reverse()) waiting.push({ node, outer: suite })
  }
  // Inner ones come after the suite that they are in, and are complete before it.
  for (const { outer, all } of found.toReversed()) if (outer) outer.all += all
  return found.filter(({ node }) => node.name === 'testsuite')
}

function* readSuite({ node, own, all }: Suite, id: string, place: number, zone: string): InTurns<JobReport> {
  const name = attribute(node, 'name')
  const reading = new FileReading(`${FILE}, suite ${place}`)
  const timestamp = attribute(node, 'timestamp')
  const time = timestamp === '' ? null : parseTime(timestamp, zone)
  if (time === undefined)
    reading.warn(`the timestamp ${timestamp.slice(0, 60)} is not a time, and was left out.`)
  const tests = yield* mapInTurns(own, (test, index) => readTest(test, `test ${index + 1}`, name, reading))
  const total = attribute(node, 'tests')
  if (total !== '' && !/^\d{1,9}$/.test(total))
    reading.refuse(`tests="${total.slice(0, 60)}" is not a number.`)
  return {
    id,
    description: name === '' ? null : reading.name(name, 'name of the suite'),
    time: time ?? null,
    elapsed: readSeconds(node, 'the suite', reading),
    status: null,
    notStarted: reading.notStarted(total === '' ? null : Number(total), all),
    environment: null,
    activities: [],
    data: [],
    tests: yield* reading.distinct(tests, { equalOnce: false }),
    warnings: reading.warnings,
  }
}

function readTest(node: Bun.XML.Node, place: string, suite: string, reading: FileReading): TestReport {
  const name = attribute(node, 'name')
  if (name === '') reading.refuse(`${place} has no name.`)
  const { word, problem } = readOutcome(node)
  return {
    ...asAvocadoSplits(reading.tag(tagOf(name, attribute(node, 'classname'), suite))),
    status: findTestStatus(word) ?? null,
    precise: false,
    exactTimes: false,
    started: null,
    elapsed: readSeconds(node, place, reading),
    folder: null,
    failReason: problem ? readReason(problem, reading) : null,
    activities: [],
    data: [],
  }
}

/** Avocado's names are whole, and its class names are parts of them; others need both to be told apart. */
function tagOf(name: string, classname: string, suite: string): string {
  const avocado = /^job-\d{4}-\d\d-\d\dT\d\d\.\d\d-[0-9a-f]{7}$/.test(suite)
  const whole = avocado || classname === '' || classname === MISSING || name.includes(`:${classname}.`)
  return whole ? name : `${classname}.${name}`
}

function readOutcome(node: Bun.XML.Node): { word: string; problem?: Bun.XML.Node } {
  const kinds = [
    ['error', 'ERROR'],
    ['failure', 'FAIL'],
    ['skipped', 'SKIP'],
  ] as const
  for (const [name, word] of kinds) {
    const [problem] = elements(node, name)
    if (problem) return { word, problem }
  }
  // How GoogleTest writes a disabled test.
  return { word: attribute(node, 'status') === 'notrun' ? 'SKIP' : 'PASS' }
}

function readReason(problem: Bun.XML.Node, reading: FileReading): string | null {
  const content = problem.children.filter((child) => typeof child === 'string').join('')
  return reading.note(attribute(problem, 'message')) ?? reading.note(content.trim())
}

function readSeconds(node: Bun.XML.Node, place: string, reading: FileReading): number | null {
  const text = attribute(node, 'time').trim()
  if (text === '') return null
  // Surefire writes 1,234.5 for more than a thousand.
  const number =
    text.length < 40 && /^[\d,]*\.?\d+(e[+-]?\d+)?$/i.test(text)
      ? Number(text.replaceAll(',', ''))
      : Number.NaN
  if (!Number.isFinite(number)) reading.refuse(`the time="${text.slice(0, 60)}" of ${place} is not a number.`)
  return number
}

function attribute(node: Bun.XML.Node, name: string): string {
  return Object.hasOwn(node.attributes, name) ? (node.attributes[name] ?? '') : ''
}

function elements(node: Bun.XML.Node, name: string): Bun.XML.Node[] {
  return node.children.filter(
    (child): child is Bun.XML.Node => typeof child === 'object' && 'name' in child && child.name === name,
  )
}
