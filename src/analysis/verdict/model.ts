// The wire format of /jobs/:job/tests/:test/verdict/.

import { type Static, Type as t } from '@sinclair/typebox'
import { flakinessItem, historyRun } from '../history/model'
import { knownIssueLink } from '../known-issues/model'
import { incompleteItem, jobItem, seriesFields, testcaseFields, windowItem } from '../model'
import { verdictStates } from './judge'

const count = t.Integer({ minimum: 0 })
const run = t.Object({ ...jobItem.properties, test: t.Integer() })
const runOrNull = (description: string) => t.Union([run, t.Null()], { description })
const numberOrNull = t.Union([count, t.Null()])

export const verdictItem = t.Object({
  test: t.Integer(),
  job: t.String(),
  job_number: t.Integer(),
  ...testcaseFields,
  ...seriesFields,
  state: t.Union(
    verdictStates.map((state) => t.Literal(state)),
    {
      description:
        'passing: this run passed. regression: it is broken since some run. unconfirmed: perhaps; too few failures yet to tell it from ' +
        'a flake. flaky: the same, of a test that is known to be flaky. flake: it went away by itself. never_passed: ' +
        'no run passed here. no_outcome: this run was skipped, cancelled or interrupted, or has not ended',
    },
  ),
  since: runOrNull(
    'The first run of what this one belongs to: of the regression, else of the runs in a row with its outcome',
  ),
  since_is_older: t.Boolean({ description: 'It may have begun before the window' }),
  runs: t.Integer({ minimum: 0, description: 'Runs of the series since then, until it passed again' }),
  failures: t.Integer({ minimum: 0, description: 'How many of these failed' }),
  passed_before: t.Integer({ minimum: 0, description: 'Runs of the series that passed before' }),
  last_good: runOrNull('The last of them'),
  passes_since: runOrNull('Of a failure: the run since which it passes again; null: it does not'),
  regression: t.Union([t.Integer(), t.Null()], {
    description: 'The id at /regressions/; null: none is stored',
  }),
  also_on: t.Array(t.Object({ ...seriesFields, since: run }), {
    description: 'Other series in which the newest run failed, those with the same reason; at most 20',
  }),
  passes_on: t.Integer({ minimum: 0, description: 'Other series in which the newest run passed' }),
  template: t.Union([t.String(), t.Null()], {
    description: 'The fail reason without what differs from run to run',
  }),
  template_id: t.Union([t.Integer(), t.Null()]),
  same_reason: t.Object(
    { in_job: count, failing: count },
    {
      description: 'Other tests that failed with it: in this job, and of which a regression with it is open',
    },
  ),
  known_issues: t.Array(knownIssueLink, { description: 'Those that match this failure: 10 at most' }),
  flakiness: t.Union([
    t.Omit(flakinessItem, Object.keys(testcaseFields) as (keyof typeof testcaseFields)[]),
    t.Null(),
  ]),
  rerun: t.Union(
    [
      t.Object({
        flake_rate: t.Number({ description: 'How often it fails while it works' }),
        probability: t.Number({ description: 'Of a regression, against a flake, by the failures in a row' }),
        more_runs: t.Object(
          { if_fails: numberOrNull, if_passes: numberOrNull },
          { description: 'How many more such runs decide; 0: it is decided' },
        ),
        to_prove_fix: t.Union([count, t.Null()], {
          description: 'Passes in a row that would show that it is mended',
        }),
      }),
      t.Null(),
    ],
    { description: 'null: its newest run passed' },
  ),
  recent: t.Array(historyRun, {
    description: 'Runs of the series around this one, the newest first, at most 20',
  }),
  window: windowItem,
  incomplete: incompleteItem,
})
export type VerdictItem = Static<typeof verdictItem>
