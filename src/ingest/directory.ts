// Reads job directories from the files of an archive, and finds which file belongs to which test.

import { type Cooperative, mapCooperatively } from '../lib/cooperative'
import { BadRequest } from '../lib/errors'
import { readJobdata } from './formats/jobdata'
import { readJournal } from './formats/journal'
import { type Hints, readResultsJson } from './formats/results-json'
import { readResultsWithJournal } from './formats/results-with-journal'
import { readSysinfo } from './formats/sysinfo'
import { toFolderName } from './formats/test-id'
import { withMetadata } from './metadata'
import type { JobReport, TestReport } from './model'

/** A document and the objects that are made of it must fit into memory. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
/** For sysinfo and jobdata; lists of packages are the longest of these files. */
const MAX_METADATA_BYTES = 4 * 1024 * 1024
/** Files that make a folder a job directory. They are read whole. */
const DOCUMENTS = new Set(['id', 'results.json', '.journal.sqlite'])
/** Jobs in one archive: each needs commits of its own. */
export const MAX_JOBS = 10_000
const SYSINFO = /(?:^|\/)sysinfo\/((?:pre|post)\/[^/]+|removed_packages)$/
const JOBDATA = /(?:^|\/)jobdata\/(cmdline|pwd|test_references|args\.json|variants[^/]*\.json)$/

/** Whether the server reads this file, besides storing it. */
export function isDocument(path: string): boolean {
  return (DOCUMENTS.has(nameOf(path)) || isMetadata(path)) && !isOfTest(path)
}

/** Whether a job can be imported without this document: sysinfo and jobdata. */
export function isMetadata(path: string): boolean {
  return SYSINFO.test(path) || JOBDATA.test(path)
}

/** Only the beginning of these files is read: for the number of tests, and for Avocado's version. */
const READ_PARTLY = new Set(['results.tap', 'job.log'])

/** Whether the server reads the beginning of this file, besides storing it. */
export function isReadPartly(path: string): boolean {
  return READ_PARTLY.has(nameOf(path)) && !isOfTest(path)
}

function isOfTest(path: string): boolean {
  return /(?:^|\/)test-results\/[^/]+\//.test(path)
}

/** How large a document may be. */
export function maxBytesOf(path: string): number {
  return isMetadata(path) ? MAX_METADATA_BYTES : MAX_DOCUMENT_BYTES
}

/** A file of an archive. `content`: whatever the caller uses to refer to the content. */
export interface ArchivedFile<C> {
  path: string
  content: C
}

export interface JobDirectory<C> {
  report: JobReport
  /** `tag`: the test that the file belongs to; undefined: the job. `path`: relative to the folder of test or job. */
  files: { tag: string | undefined; path: string; content: C }[]
}

/**
 * Makes reports of the job directories of an archive.
 *
 * @param documents  the contents of the files for which isDocument is true, and the beginnings of those for which
 *   isReadPartly is.
 * @throws BadRequest when the archive holds no job.
 */
export function* readDirectories<C>(
  documents: Map<string, Uint8Array>,
  files: ArchivedFile<C>[],
  options: { zone: string },
): Cooperative<JobDirectory<C>[]> {
  const roots = findRoots([...documents.keys()])
  if (roots.length === 0) {
    throw new BadRequest(
      'The archive holds no job: there is neither a results.json nor a .journal.sqlite in it.',
    )
  }
  if (roots.length > MAX_JOBS) throw tooManyJobsError()
  const documentsOf = yield* groupByRoot(
    roots,
    [...documents].map(([path, bytes]) => ({ path, bytes })),
  )
  const filesOf = yield* groupByRoot(roots, files)
  const directories: JobDirectory<C>[] = []
  for (const root of roots) {
    const report = yield* readReport(root, documentsOf.get(root) ?? [], options)
    const folders = new TestFolders()
    for (const test of report.tests) {
      folders.add(test)
      yield
    }
    directories.push({
      report,
      files: yield* mapCooperatively(filesOf.get(root) ?? [], ({ path, content }) => ({
        ...folders.place(path.slice(root.length)),
        content,
      })),
    })
  }
  return directories
}

export function tooManyJobsError(): BadRequest {
  return new BadRequest(`The archive holds more than ${MAX_JOBS} jobs: send them in several archives.`)
}

/** The job directories, with a slash at the end. One inside another is the data of a test, and no root. */
function findRoots(paths: string[]): string[] {
  const roots = paths
    .filter((path) => ['results.json', '.journal.sqlite'].includes(nameOf(path)))
    .map((path) => path.slice(0, -nameOf(path).length))
    .sort()
  // Sorted paths: whatever lies inside a folder follows it directly.
  const outer: string[] = []
  for (const root of roots) {
    const last = outer.at(-1)
    if (last === undefined || !root.startsWith(last)) outer.push(root)
  }
  return outer
}

/**
 * Groups items by the root that they lie in. It walks through both sorted lists once, because an archive may have
 * 100,000 files and thousands of roots.
 *
 * @param roots  sorted; none lies inside another.
 */
function* groupByRoot<T extends { path: string }>(
  roots: string[],
  items: T[],
): Cooperative<Map<string, T[]>> {
  const below = new Map<string, T[]>(roots.map((root) => [root, []]))
  const sorted = items.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  let at = 0
  for (const item of sorted) {
    yield
    for (let next = roots[at + 1]; next !== undefined && next <= item.path; next = roots[at + 1]) at++
    const root = roots[at] ?? ''
    if (item.path.startsWith(root)) below.get(root)?.push(item)
  }
  return below
}

/** @param documents  those inside the root. */
function* readReport(
  root: string,
  documents: { path: string; bytes: Uint8Array }[],
  options: { zone: string },
): Cooperative<JobReport> {
  const contentOf = (name: string) => documents.find(({ path }) => path === root + name)?.bytes
  const textOf = (name: string) => decode(contentOf(name) ?? new Uint8Array())
  const textsIn = (folder: string, pattern: RegExp) =>
    new Map(
      documents.flatMap(({ path, bytes }) => {
        const name = pattern.exec(path.slice(root.length))?.[1]
        return name && path === `${root}${folder}/${name}` ? [[name, decode(bytes)] as const] : []
      }),
    )
  const jobdata = readJobdata(textsIn('jobdata', JOBDATA), textOf('job.log'))
  const { environment, host, data, warnings } = readSysinfo(textsIn('sysinfo', SYSINFO))
  const hints = { ...options, suites: jobdata.suites }
  const results = yield* readResults(contentOf('results.json'), contentOf('.journal.sqlite'), hints)
  const report = withMetadata(withPlan(results, plannedTests(textOf('results.tap'))), jobdata)
  return {
    ...report,
    environment: report.environment ?? environment,
    ...(host && { host }),
    data: [...report.data, ...data],
    warnings: [...report.warnings, ...warnings],
  }
}

/** The number of tests. Avocado writes it as the plan of results.tap when the first test has ended. */
function plannedTests(tap: string): number | null {
  const [, planned] = /^1\.\.(\d{1,9})\r?$/m.exec(tap) ?? []
  return planned === undefined ? null : Number(planned)
}

/**
 * Adds what the plan says about a job without results: how many tests have not started, or that all have ended. In a
 * job of several suites the plan counts the tests of the first suite only.
 */
function withPlan(report: JobReport, planned: number | null): JobReport {
  if (report.ended !== false) return report
  if (planned === null) return warnOfMissingTests(report)
  if (report.tests.some(({ suite }) => suite !== '') || planned < report.tests.length) return report
  const notStarted = planned - report.tests.length
  const ended = notStarted === 0 && report.tests.every(({ status }) => status !== null)
  return { ...report, notStarted, ended }
}

/**
 * Warns when the test numbers show that more tests were planned. Numbers are as wide as the last one: `0001-` means at
 * least 1000 tests. The exact number of tests that have not started stays unknown.
 */
function warnOfMissingTests(report: JobReport): JobReport {
  const maxWidth = report.tests.reduce(
    (widest, { prefix, suite }) => (suite === '' ? Math.max(widest, prefix.length - 1) : widest),
    0,
  )
  const minimum = maxWidth > 1 ? 10 ** (maxWidth - 1) : 0
  if (report.tests.length >= minimum) return report
  const warning = `The job has at least ${minimum} tests, by the width of their numbers; ${report.tests.length} have started.`
  return { ...report, warnings: [...report.warnings, warning] }
}

/** Reads results.json, the journal or both. If one of the two is broken or half written, the other is used alone. */
function* readResults(
  results: Uint8Array | undefined,
  journal: Uint8Array | undefined,
  options: { zone: string } & Hints,
): Cooperative<JobReport> {
  if (!results) return yield* readJournal(journal as Uint8Array, options) // a root has one of the two
  const text = decode(results)
  if (!journal) return yield* readResultsJson(text, options)
  try {
    return yield* readResultsWithJournal(text, journal, options)
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    const report = yield* readJournal(journal, options)
    return { ...report, warnings: [...report.warnings, `${error.body.detail} It was left out.`] }
  }
}

/** Finds the test that a folder in test-results/ belongs to. */
class TestFolders {
  private readonly tags = new Map<string, string>()

  add({ tag, folder }: TestReport): void {
    this.tags.set(folder ?? toFolderName(tag), tag)
  }

  place(path: string): { tag: string | undefined; path: string } {
    const [, folder = '', rest = ''] = /^test-results\/([^/]+)\/(.+)$/.exec(path) ?? []
    const tag = this.tags.get(folder)
    return tag === undefined ? { tag, path } : { tag, path: rest }
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
