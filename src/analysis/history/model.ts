// The wire format of /tests/history/.

import { type Static, Type as t } from '@sinclair/typebox'
import { incompleteItem, jobItem, seriesFields, testcaseFields, windowItem } from '../model'

const count = t.Integer({ minimum: 0 })

export const historyRun = t.Object({
  job: t.String({ description: 'The id of its job' }),
  job_number: t.Integer(),
  test: t.Integer({ description: 'The id of the test' }),
  testcase: testcaseFields.testcase,
  time: t.String({ format: 'date-time', description: 'When it started; where nobody told that, its job' }),
  wrong_clock: t.Optional(
    t.Literal(true, { description: 'The reported start cannot be right: this is when it was received' }),
  ),
  ...seriesFields,
  environment: t.Union([t.Integer(), t.Null()]),
  status: t.Union([t.String(), t.Null()]),
  reported_status: t.Optional(t.String()),
  outcome: t.Union([t.Literal('failed'), t.Literal('passed'), t.Literal('none')], {
    description: 'none: it was skipped, cancelled, interrupted or has not ended',
  }),
  elapsed_time: t.Union([t.Number(), t.Null()], { description: 'Seconds' }),
  template: t.Union([t.String(), t.Null()], {
    description: 'Its fail reason without what differs from run to run',
  }),
  infrastructure: t.Optional(
    t.Literal(true, {
      description:
        'The failures of its job are the fault of the host or the lab: no number of the answer has it, unless asked for',
    }),
  ),
  flake: t.Boolean({ description: 'A failure that went away by itself' }),
  changed: t.Union([t.Integer(), t.Null()], {
    description:
      'How many components of the environment differ from the previous run of the series; null: there is none, or an environment is unknown',
  }),
  asked: t.Optional(t.Literal(true, { description: 'This run was asked for by `run`' })),
})
export type HistoryRun = Static<typeof historyRun>

export const historySeries = t.Object({
  testcase: testcaseFields.testcase,
  ...seriesFields,
  state: t.Union([t.Literal('passing'), t.Literal('failing')], { description: 'Of its newest run' }),
  since: t.Object(
    { ...jobItem.properties, test: t.Integer() },
    { description: 'The first run of the streak that the newest run belongs to' },
  ),
  since_is_older: t.Boolean({ description: 'The streak may have begun before the window' }),
  streak: t.Integer({ minimum: 1, description: 'Runs with the same outcome up to the newest' }),
  runs: t.Integer({ minimum: 1, description: 'Runs that passed or failed' }),
  failures: count,
  flakes: count,
  last: t.Object({ ...jobItem.properties, test: t.Integer() }, { description: 'The newest run' }),
})
export type HistorySeries = Static<typeof historySeries>

/** How flaky a test case is over all its series in the window. */
export const flakinessItem = t.Object({
  ...testcaseFields,
  rate: t.Number({ description: 'The share of failures among the runs in which the test was not broken' }),
  low: t.Number(),
  high: t.Number({ description: 'low and high: the interval of 90 %' }),
  flaky: t.Boolean(),
  streaks: t.Object({
    runs: count,
    flakes: count,
    events: t.Integer({ minimum: 0, description: 'Streaks of failures that went away by themselves' }),
    rate: t.Number(),
    low: t.Number(),
  }),
})
export type FlakinessItem = Static<typeof flakinessItem>

export const historyItem = t.Object({
  testcase: t.String({ description: 'What was asked for: a name, or name;variant' }),
  testcases: t.Array(flakinessItem),
  window: windowItem,
  count: t.Integer({ minimum: 0, description: 'Runs of the window that fit the filters' }),
  next: t.Union([t.String({ format: 'uri' }), t.Null()], { description: 'Older runs' }),
  runs: t.Array(historyRun, { description: 'The newest first' }),
  series: t.Array(historySeries, { description: 'Those that fail first, then by the newest run' }),
  incomplete: incompleteItem,
})
export type HistoryItem = Static<typeof historyItem>
