// The parameters of /tests/history/.

import { integer, keyword, withDescription } from '../../http/request/query'
import { dateTime, optional, rowId, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { scopeFilters } from '../../results/scope/model'
import type { Outcome } from '../runs/outcome'
import { DEFAULT_DAYS, MAX_DAYS, MAX_RUNS } from '../runs/window'
import { cursorField } from '../search/cursor'
import { TAG_LENGTH } from '../search/filters'

const outcomes: Record<Outcome, Outcome> = { failed: 'failed', passed: 'passed', none: 'none' }

export const historyQuery = {
  testcase: optional(
    withDescription('The test: its name, for all variants, or `name;variant`', text({ max: TAG_LENGTH })),
  ),
  name: optional(withDescription('The whole name of the test', text({ max: TAG_LENGTH }))),
  suite: optional(withDescription('Its suite', text({ max: TAG_LENGTH }))),
  variant: optional(
    withDescription(
      'The whole variant; where no test has it, words that the variant has: `disk=ide`',
      text({ max: TAG_LENGTH }),
    ),
  ),
  ...scopeFilters,
  outcome: optional(
    withDescription(
      'failed: FAIL, ERROR, or INTERRUPTED by a time-out; passed: PASS or WARN; none: all others',
      keyword(outcomes, 'outcome'),
    ),
  ),
  days: optional(
    withDescription(
      `How many days the window has; ${DEFAULT_DAYS} unless told, and ${MAX_RUNS} runs at most`,
      integer({ min: 1, max: MAX_DAYS }),
    ),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
  include: optional(
    withDescription(
      'infrastructure: the numbers count runs of jobs whose failures are the fault of the host or the lab, too',
      keyword({ infrastructure: 'infrastructure' } as const, 'kind of run'),
    ),
  ),
  run: optional(withDescription('The id of a test: the page that has this run in its middle', rowId)),
  cursor: optional(cursorField),
} satisfies Shape

export type HistoryQuery = Body<typeof historyQuery>
