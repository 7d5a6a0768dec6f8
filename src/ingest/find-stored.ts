// Which stored test a test of a report is.

import { splitTag, type WholeTestRow } from '../results/tests/model'
import { findTest, findTestByTag } from '../results/tests/reference'
import { type Connection, query, tables } from '../storage/query'
import { inFileSystem } from './formats/test-id'
import type { TestReport } from './model'

// As by their tag: not all tests of the job are gone through.
const testsOfTestcase = query<{ job: number; testcase: string }>()((param) =>
  tables
    .selectFrom('testcase')
    .crossJoin('test')
    .select('test.id')
    .where('testcase.text', '=', param('testcase'))
    .where('test.job', '=', param('job'))
    .whereRef('test.testcase', '=', 'testcase.id')
    .limit(2),
)
/**
 * What is stored of a test of a report: by its tag; or else, from a source that knows no numbers, by testcase if that is
 * of one test only.
 */
export function findStored(connection: Connection, job: number, tag: string): WholeTestRow | undefined {
  const exact = findTestByTag(connection, job, tag)
  const { prefix: number, testcase } = splitTag(tag)
  if (exact || number !== '') return exact
  const [only, another] = connection.all(testsOfTestcase, { job, testcase })
  return only && !another ? findTest(connection, job, only.id) : undefined
}

/** From a folder a suite is known by a name that the file system likes. */
export function findByFolder(
  connection: Connection,
  job: number,
  report: TestReport,
): WholeTestRow | undefined {
  const prefix = report.suite === '' ? report.prefix : inFileSystem(report.prefix)
  if (prefix === report.prefix) return undefined
  return findTestByTag(connection, job, prefix + report.tag.slice(report.prefix.length))
}
