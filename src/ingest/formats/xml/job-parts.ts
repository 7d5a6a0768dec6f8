// Reads what a file says about the job as a whole and about its suites: times, properties, outputs.

import type { Cooperative } from '../../../lib/cooperative'
import type { Microseconds } from '../../../lib/time'
import type { NewActivity } from '../../../results/activities/model'
import type { NewDatum } from '../../../results/data/queries'
import type { ReportFile } from '../../model'
import { RepeatedNames } from '../../repeated-names'
import { childElements } from './document'
import { DataReading, isProperties, readAttributes, readOutputs, readProperties } from './properties'
import type { FoundSuites, Suite } from './suites'
import type { XunitContext } from './testcase'

interface JobParts {
  time: Microseconds | null
  elapsed: number | null
  activities: NewActivity[]
  data: NewDatum[]
  files: ReportFile[]
}

/** Attributes that are not stored as data: counts, and attributes that are read elsewhere. */
const KNOWN = new Set([
  ...['name', 'time', 'duration', 'timestamp', 'tests', 'failures', 'errors', 'skipped', 'skips', 'disabled'],
  ...['ignored', 'warnings', 'assertions', 'passed', 'failed', 'flakes', 'status', 'result'],
])

// biome-ignore lint/suspicious/noControlCharactersInRegex: file names must not have them
const NOT_IN_NAMES = /[/\\\0-\x1f\x7f]/g

const MAX_FOLDER = 200

export function* jobParts(found: FoundSuites, context: XunitContext): Cooperative<JobParts> {
  const { reading, leftOut } = context
  const data = new DataReading(reading)
  const parts: JobParts = { time: null, elapsed: null, activities: [], data: data.data, files: [] }
  const isOne = found.suites.length < 2
  const folders = new Folders()
  const { root } = found
  const times = new Map<Suite, Microseconds | null>()
  const elapsed = new Map<Suite, number | null>()
  for (const [index, suite] of [...new Set([root, ...found.suites])].entries()) {
    yield
    const place = suite === root ? 'the whole' : `suite ${suite.name || index}`
    const owner = isOne || suite === root ? '' : suite.name || `suite ${index}`
    const time = context.moment(suite.element, place)
    times.set(suite, time)
    elapsed.set(suite, context.elapsed(suite.element, place))
    if (time !== null && !isOne && suite !== root) {
      parts.activities.push({
        activity: reading.name(`suite ${suite.name} started`, 'name of a suite'),
        time,
      })
    }
    readAttributes(suite.element, KNOWN, data, owner)
    for (const child of childElements(suite.element)) {
      if (isProperties(child)) readProperties(child, data, leftOut, owner)
    }
    const outputs = readOutputs(suite.element, context)
    const folder = owner === '' || outputs.length === 0 ? '' : `${folders.nameFor(owner)}/`
    for (const { path, content } of outputs)
      parts.files.push({ tag: undefined, path: `${folder}${path}`, content })
  }
  parts.time = times.get(root) ?? earliest([...times.values()])
  parts.elapsed = elapsed.get(root) ?? sumOfTops(root, elapsed)
  return parts
}

function earliest(times: (Microseconds | null)[]): Microseconds | null {
  return times.reduce(
    (first, time) => (first === null || (time !== null && time < first) ? time : first),
    null,
  )
}

/** The total time of the outermost suites; null if one of them has no time. */
function sumOfTops({ suites, tests }: Suite, elapsed: Map<Suite, number | null>): number | null {
  if (tests.length > 0 || suites.length === 0) return null
  let sum = 0
  for (const suite of suites) {
    const seconds = elapsed.get(suite) ?? null
    if (seconds === null) return null
    sum += seconds
  }
  return Number(sum.toFixed(6))
}

/** Gives the files of each suite a folder with a unique name. */
class Folders {
  private readonly taken = new Set<string>()
  private readonly names = new RepeatedNames('-')

  nameFor(suite: string): string {
    const name = suite.replace(NOT_IN_NAMES, '_').replace(/^\.+$/, '_').slice(0, MAX_FOLDER).toWellFormed()
    const unique = this.names.distinct(name, { isFree: (free) => !this.taken.has(free) })
    this.taken.add(unique)
    return unique
  }
}
