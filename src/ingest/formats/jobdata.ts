// Reads jobdata/ and the beginning of job.log: command line, working directory, references and parameters of a job.

import { readPythonTexts } from '../../lib/python-text'
import { AVOCADO_CATEGORY, COMMAND_LINE, CONFIGURED_TIMEOUT } from '../../results/core/job-timeout'
import type { NewDatum } from '../../results/data/queries'
import { FileReading, firstCodePoints } from './reading'

const PARAMETERS_CATEGORY = 'parameters'
/** Parameters of one test, and code points of one value. */
const MAX_PARAMETERS = 200
const MAX_VALUE = 64 * 1024

export interface Jobdata {
  data: NewDatum[]
  /** The test references on the command line; null: unknown. */
  references: string[] | null
  /** The job runs even if some references find no test. */
  ignoresMissing: boolean
  /** The names of suites. */
  suites: string[]
  /** The parameters of each variant, as data for the tests that ran with it. */
  parameters: Map<string, NewDatum[]>
  warnings: string[]
}

/** @param files  by their names in jobdata/; `log`: the beginning of job.log. */
export function readJobdata(files: ReadonlyMap<string, string>, log: string): Jobdata {
  const reading = new FileReading('jobdata')
  const args = readObject(files.get('args.json') ?? '{}')
  const words = readPythonTexts(files.get('cmdline') ?? '') ?? null
  const references =
    readPythonTexts(files.get('test_references') ?? '') ??
    textsOf(args['resolver.references']) ??
    textsOf(args['run.references']) ??
    textsOf(args.references)
  const version = /^.{0,120}? Avocado version: (\S{1,40})/m.exec(log)?.[1]
  const facts: [string, string | null | undefined][] = [
    ['version', version],
    [COMMAND_LINE, words?.map(shellQuoted).join(' ')],
    ['working directory', files.get('pwd')?.trim()],
    ['references', references?.join('\n')],
    [CONFIGURED_TIMEOUT, timeoutOf(args)],
  ]
  const data = facts.flatMap(([key, text]) =>
    text ? { category: AVOCADO_CATEGORY, key, value: firstCodePoints(reading.text(text), MAX_VALUE) } : [],
  )
  const parameters = new Map<string, NewDatum[]>()
  const suites: string[] = []
  for (const [name, text] of files) {
    const [isVariants, suite] = /^variants(?:-\d+(?:-(.+))?)?\.json$/s.exec(name) ?? []
    if (isVariants === undefined) continue
    if (suite !== undefined) suites.push(suite)
    readVariants(parse(text), parameters, reading)
  }
  const ignoresMissing =
    args['run.ignore_missing_references'] === true || args.ignore_missing_references === 'on'
  return {
    data,
    references: references ?? null,
    ignoresMissing,
    suites,
    parameters,
    warnings: reading.warnings,
  }
}

/** How long the job might take, in seconds or as it was configured; undefined: as long as it liked. */
function timeoutOf(args: Record<string, unknown>): string | undefined {
  const told = args['job.run.timeout'] ?? args['run.job_timeout'] ?? args.job_timeout
  if (typeof told !== 'number' && typeof told !== 'string') return undefined
  return /^\d*[1-9]\d*\s*[smhd]?$/.test(String(told)) ? String(told) : undefined
}

/** References with which no test's name begins. `names` must have the names of all tests. */
export function missingReferences(references: string[], names: string[]): string[] {
  const sorted = [...names].sort()
  return references.filter((reference) => {
    // A recipe is a JSON file that lists what to run, so no test is named after it.
    if (/\.json$/.test(reference)) return false
    const plain = reference.replace(/\/+$/, '')
    return !isPrefixOfAny(sorted, plain)
  })
}

function isPrefixOfAny(sorted: string[], beginning: string): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') < beginning) low = middle + 1
    else high = middle
  }
  return sorted[low]?.startsWith(beginning) === true
}

/** Quotes a word for a shell if necessary. */
function shellQuoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Before Avocado 93 one file has all suites: `[[{"variant_id": ..., "variant": [[path, [[path, key, value]]]]}]]`. */
function readVariants(content: unknown, parameters: Map<string, NewDatum[]>, reading: FileReading): void {
  for (const one of listOf(content)) {
    if (Array.isArray(one)) {
      readVariants(
        one.filter((inner) => !Array.isArray(inner)),
        parameters,
        reading,
      )
      continue
    }
    const { variant_id: id, variant } = objectOf(one)
    if (typeof id !== 'string' || parameters.has(id)) continue
    const data = new Map<string, NewDatum>()
    for (const node of listOf(variant)) {
      for (const parameter of listOf(listOf(node)[1])) addParameter(data, listOf(parameter), reading)
    }
    parameters.set(id, [...data.values()])
  }
}

/** Adds a parameter as `path:key`, as `avocado variants` shows it. */
function addParameter(
  data: Map<string, NewDatum>,
  [path, key, value]: unknown[],
  reading: FileReading,
): void {
  if (typeof path !== 'string' || typeof key !== 'string' || key === '') return
  if (data.size >= MAX_PARAMETERS) {
    reading.warnOnce('parameters', `of a variant the first ${MAX_PARAMETERS} parameters were stored.`)
    return
  }
  const name = reading.name(path === '' ? key : `${path}:${key}`, 'name of a parameter')
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  const stored = firstCodePoints(reading.text(text), MAX_VALUE)
  data.set(name, { category: PARAMETERS_CATEGORY, key: name, value: stored })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // unreadable; the file itself is stored
  }
}

function readObject(text: string): Record<string, unknown> {
  return objectOf(parse(text))
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf(value: unknown): string[] | undefined {
  const texts = listOf(value)
  return texts.length > 0 && texts.every((one) => typeof one === 'string') ? (texts as string[]) : undefined
}
