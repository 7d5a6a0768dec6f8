// The failures of test cases by their templates, as they are stored for /clusters/: one row a failure, found by template
// and time.

import { excluded } from '../../storage/excluded'
import { type Connection, query, tables } from '../../storage/query'
import { templateId } from '../regressions/stored'
import type { Run } from '../runs/read'

type Key = [template: number, time: number, test: number]

/** What has to be written of one test case. Plain values. */
export interface FailureDifference {
  removed: Key[]
  /** A template that is not stored yet is a text. */
  added: { template: number | string; time: number; test: number; host: number; job: number }[]
}

const storedOf = query<{ testcase: number }>()((param) =>
  tables
    .selectFrom('template_run')
    .select(['template', 'time', 'test', 'host', 'job'])
    .where('testcase', '=', param('testcase')),
)

/** @param failures  those that there are now, each with a template. */
export async function failuresDifference(
  connection: Connection,
  testcase: number,
  failures: readonly Run[],
): Promise<FailureDifference> {
  const stored = new Map((await connection.all(storedOf, { testcase })).map((row) => [row.test, row]))
  const difference: FailureDifference = { removed: [], added: [] }
  for (const { template, time, test, of } of failures) {
    if (template === null) continue
    const row = { template, time, test, host: of.host ?? 0, job: of.number }
    const before = stored.get(test)
    if (before && Bun.deepEquals(before, row)) stored.delete(test)
    else difference.added.push(row)
  }
  difference.removed = [...stored.values()].map(({ template, time, test }) => [template, time, test])
  return difference
}

const remove = query<{ template: number; time: number; test: number }>()((param) =>
  tables
    .deleteFrom('template_run')
    .where('template', '=', param('template'))
    .where('time', '=', param('time'))
    .where('test', '=', param('test')),
)
const add = query<{
  template: number
  time: number
  test: number
  testcase: number
  host: number
  job: number
}>()((param) =>
  tables
    .insertInto('template_run')
    .values({
      template: param('template'),
      time: param('time'),
      test: param('test'),
      testcase: param('testcase'),
      host: param('host'),
      job: param('job'),
    })
    .onConflict((conflict) =>
      conflict.columns(['template', 'time', 'test']).doUpdateSet(excluded('testcase', 'host', 'job')),
    ),
)

export async function writeFailures(
  connection: Connection,
  testcase: number,
  { removed, added }: FailureDifference,
): Promise<void> {
  for (const [template, time, test] of removed) await connection.run(remove, { template, time, test })
  for (const { template, ...row } of added) {
    const id = typeof template === 'string' ? await templateId(connection, template) : template
    await connection.run(add, { template: id, testcase, ...row })
  }
}
