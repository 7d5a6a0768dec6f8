// Reads the testcases of a document: names, outcomes, data and outputs.

import { type Cooperative, mapCooperatively } from '../../../lib/cooperative'
import type { Microseconds } from '../../../lib/time'
import { findTestStatus } from '../../../results/statuses/model'
import type { ReportFile, TestReport } from '../../model'
import { type FileReading, MISSING } from '../reading'
import { addSuitesToTags } from '../suites'
import { type SplitTag, splitterFor } from '../test-id'
import { attribute, childElements, type Element } from './document'
import type { LeftOut } from './left-out'
import { isOutput, isProblem, readReason, readStatusWord, STATUS_ATTRIBUTES } from './outcome'
import { DataReading, isProperties, readAttributes, readOutputs, readProperties } from './properties'
import type { FoundSuites, FoundTest } from './suites'

/** What the functions that read the parts of a file share. */
export interface XunitContext {
  reading: FileReading
  leftOut: LeftOut
  isAvocado: boolean
  /** Seconds. `place`: for the warning about a value that is not a number. */
  elapsed(element: Element, place: string): number | null
  moment(element: Element, place: string): Microseconds | null
}

const KNOWN = new Set([
  'name',
  'classname',
  'className',
  'time',
  'duration',
  'timestamp',
  ...STATUS_ATTRIBUTES,
])

/** The tests of a file, and the files of the tests. */
export function* readCases(
  found: FoundSuites,
  context: XunitContext,
): Cooperative<{ tests: TestReport[]; files: ReportFile[] }> {
  const { reading } = context
  const names = yield* namesOf(found, context)
  const read = yield* mapCooperatively(found.tests, (test, index) =>
    readCase(test, names[index] as SplitTag, index + 1, context),
  )
  const tests = yield* reading.withUniqueTags(addSuitesToTags(read, reading), { dropEqual: false })
  const files: ReportFile[] = []
  for (const [index, { element }] of found.tests.entries()) {
    const tag = tests[index]?.tag
    for (const output of readOutputs(element, context)) files.push({ tag, ...output })
    yield
  }
  return { tests, files }
}

function readCase({ element }: FoundTest, name: SplitTag, number: number, context: XunitContext): TestReport {
  const { reading, leftOut } = context
  const place = `test ${number}`
  const data = new DataReading(reading)
  for (const child of childElements(element)) {
    if (isProperties(child)) readProperties(child, data, leftOut)
    else if (!isProblem(child) && !isOutput(child)) leftOut.element(child.name, 'testcase')
  }
  readAttributes(element, KNOWN, data)
  return {
    ...name,
    status: findTestStatus(readStatusWord(element, place, reading)) ?? null,
    precise: false,
    exactTimes: false,
    started: context.moment(element, place),
    elapsed: context.elapsed(element, place),
    folder: null,
    failReason: readReason(element, context),
    activities: [],
    data: data.data,
  }
}

/** The names of all tests. Only all names together show whether they are numbered. */
function* namesOf({ tests }: FoundSuites, { reading, isAvocado }: XunitContext): Cooperative<SplitTag[]> {
  const names = yield* mapCooperatively(tests, ({ element }, index) => {
    const name = attribute(element, 'name').trim()
    const classname = classOf(element)
    if (name === '') reading.unknown('name', `test ${index + 1}`, attribute(element, 'name'))
    return reading.tag(wholeName(name, isAvocado ? '' : classname.trim()) || `test ${index + 1}`)
  })
  if (isAvocado) return namesOfAvocado(names)
  return names.map((tag, index) => ({
    tag,
    prefix: '',
    suite: tests[index]?.suite.name ?? '',
    variant: null,
  }))
}

/** Codeception writes only `class`. */
function classOf(element: Element): string {
  return (
    ['classname', 'className', 'class'].map((name) => attribute(element, name)).find((name) => name) ?? ''
  )
}

/** The name with the class in front, unless the name contains it: many tools write only the method as the name. */
function wholeName(name: string, classname: string): string {
  if (classname === '' || classname === MISSING || name === '')
    return name || (classname === MISSING ? '' : classname)
  const isWhole =
    name === classname ||
    name.includes(`:${classname}.`) ||
    name.startsWith(`${classname}.`) ||
    name.startsWith(`${classname}::`) ||
    name.endsWith(` ${classname}`)
  return isWhole ? name : `${classname}.${name}`
}

/** Avocado up to version 82 writes a number before each name; later versions write only the name. */
function namesOfAvocado(names: string[]): SplitTag[] {
  const split = names.map(splitterFor(names))
  const numbers = new Set(split.map(({ prefix }) => prefix))
  const isNumbered =
    numbers.size === names.length &&
    [...numbers].every((prefix) => {
      const number = Number(/(\d+)-$/.exec(prefix)?.[1])
      return number >= 1 && number <= names.length
    })
  if (isNumbered) return split
  return names.map((tag) => {
    const end = tag.lastIndexOf(';')
    return { tag, prefix: '', suite: '', variant: end < 0 ? null : tag.slice(end + 1) }
  })
}
