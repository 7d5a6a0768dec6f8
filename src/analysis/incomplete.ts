// Whether an answer that is made of derived data misses something.

import type { Connection } from '../storage/query'
import { knownIssuesWait } from './known-issues/marks'
import type { IncompleteItem } from './model'
import { clustersWait } from './reasons/clusters'
import { waitingWork } from './series/marks'
import { fillingOf } from './series/queries'

/** The field `incomplete` of an answer, or nothing where all is analysed. */
export async function incompleteOf(
  connection: Connection,
): Promise<{ incomplete?: NonNullable<IncompleteItem> }> {
  const filling = await fillingOf(connection)
  if (filling) return { incomplete: { done: filling.testcase, of: filling.of } }
  const { jobs, verdicts, testcases, templates } = await waitingWork(connection, 0)
  const isWaiting =
    jobs ||
    verdicts ||
    testcases ||
    templates ||
    (await clustersWait(connection)) ||
    (await knownIssuesWait(connection))
  return isWaiting ? { incomplete: true } : {}
}
