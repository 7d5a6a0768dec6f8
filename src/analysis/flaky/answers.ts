// The query behind /flaky/.

import { readQuery } from '../../http/request/query'
import type { ReadContext } from '../../http/resource/fields'
import { orderingOf } from '../../http/resource/ordering'
import { paginate } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Microseconds } from '../../lib/time'
import { toScope } from '../../results/scope/model'
import { resolveScope } from '../../results/scope/queries'
import { maxTestCount } from '../../results/tests/reference'
import type { Connection } from '../../storage/query'
import { withRowBudget } from '../../storage/row-budget'
import { incompleteOf } from '../incomplete'
import { toTimes, windowOf } from '../runs/window'
import { findTestcase } from '../search/filters'
import { hasId, type IdBits, intersection } from '../search/ids'
import { findTestcases } from '../search/words'
import { computeRows, MAX_LOOKED_AT } from './computed'
import { type FlakyQuery, flakyOrderings, flakyQuery, PAGE_SIZE } from './query'
import { sortRows } from './rows'
import { showRows } from './show'
import { readStored } from './stored'

export const pageOfFlaky = defineRequestQuery(
  'pageOfFlaky',
  async (connection, request, { now, ...context }: ReadContext & { now: Microseconds }) => {
    const { all = false, days, until, ...filters } = readQuery(flakyQuery, request, context)
    const ordering = orderingOf(request, flakyOrderings, [{ field: 'rate', direction: 'desc' }])
    const range = windowOf({ now, days, until })
    const tests = await maxTestCount(connection)
    return withRowBudget(Math.min(tests, MAX_LOOKED_AT), async () => {
      const testcases = await testcasesOf(connection, filters)
      const scope = await resolveScope(connection, toScope(filters))
      const isStored = scope === undefined && days === undefined && until === undefined
      const { rows, isTruncated } = isStored
        ? { rows: await readStored(connection, all), isTruncated: false }
        : await computeRows(connection, { range, scope, testcases, all })
      const listed = sortRows(
        rows.filter(({ id }) => hasId(testcases, id)),
        ordering,
      )
      return {
        ...(await paginate(
          request,
          listed.length,
          ({ offset, limit }) => showRows(connection, listed.slice(offset, offset + limit)),
          PAGE_SIZE,
        )),
        window: toTimes(range, now),
        ...(isTruncated && { truncated: true }),
        ...(await incompleteOf(connection)),
      }
    })
  },
)

/** The test cases that the names let through; undefined: all. */
async function testcasesOf(
  connection: Connection,
  { testcase, name, suite, variant }: Omit<FlakyQuery, 'all' | 'days' | 'until'>,
): Promise<IdBits | undefined> {
  return intersection(
    await findTestcases(connection, { suite, name, variant }),
    testcase === undefined ? undefined : await findTestcase(connection, testcase),
  )
}
