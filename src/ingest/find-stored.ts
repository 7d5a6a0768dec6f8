// Finds the stored test that a test of a report stands for.

import { splitTag, type WholeTestRow } from '../results/tests/model'
import { findTest, findTestByTag } from '../results/tests/reference'
import { type Connection, query, tables } from '../storage/query'
import { toFolderName } from './formats/test-id'
import type { TestReport } from './model'

// Starts at the testcase, as the search by tag does, so that SQLite does not scan all tests of the job.
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
 * Finds a test by its tag. A tag without a number may come from a source that has no numbers, so it also matches by
 * testcase if the job has exactly one such test.
 */
export async function findStoredTest(
  connection: Connection,
  job: number,
  tag: string,
): Promise<WholeTestRow | undefined> {
  const exact = await findTestByTag(connection, job, tag)
  const { prefix: number, testcase } = splitTag(tag)
  if (exact || number !== '') return exact
  const [only, another] = await connection.all(testsOfTestcase, { job, testcase })
  return only && !another ? await findTest(connection, job, only.id) : undefined
}

/** Finds a test whose suite was read from a folder name, in which underscores replace some characters. */
export async function findByFolder(
  connection: Connection,
  job: number,
  report: TestReport,
): Promise<WholeTestRow | undefined> {
  const prefix = report.suite === '' ? report.prefix : toFolderName(report.prefix)
  if (prefix === report.prefix) return undefined
  return findTestByTag(connection, job, prefix + report.tag.slice(report.prefix.length))
}
