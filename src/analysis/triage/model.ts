// The parameters and wire formats of /triage/.

import { type Static, Type as t } from '@sinclair/typebox'
import { keyword, withDescription } from '../../http/request/query'
import { dateTime, nullable, optional } from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import type { Shape } from '../../http/resource/shapes'
import { knownIssueLink } from '../known-issues/model'
import { incompleteItem, jobItem, testcaseFields } from '../model'
import { claimItem } from '../notes/model'
import type { CauseKind } from './causes'
import { type Group, groupNames, groups, type State } from './items'
import { windowQuery } from './window'

/** Causes of a group in an answer, and tests of a cause. */
export const PAGE_SIZE = 20

export const triageQuery = {
  ...windowQuery,
  group: optional(
    withDescription(
      `Only one group, whose further pages this shows: ${groupNames.join(', ')}`,
      keyword(Object.fromEntries(groupNames.map((name) => [name, name])) as Record<Group, Group>, 'group'),
    ),
  ),
} satisfies Shape

export const lookedBody = {
  time: optional({
    ...nullable(dateTime),
    schema: t.Union([t.String({ format: 'date-time' }), t.Null()], {
      description: 'The `window.to` of the answer that you looked at; now unless told; null: never',
    }),
  }),
} satisfies Shape

export const lookedItem = t.Object({
  looked_at: t.Union([t.String({ format: 'date-time' }), t.Null()], { description: 'null: never' }),
})

const count = t.Integer({ minimum: 0 })
const nullableText = (description: string) => t.Union([t.String(), t.Null()], { description })
const places = { host: nullableText('null: unknown') }
const nullableJob = (description: string) =>
  t.Union([t.Object({ ...jobItem.properties, ...places }), t.Null()], { description })

const states = Object.values(groups).flat() as State[]
const stateItem = t.Union(
  states.map((state) => t.Literal(state)),
  {
    description:
      'new: began in the window. unconfirmed: perhaps new, too few failures to tell it from a flake. still_failing: began ' +
      'before. fixing: passes again, too few times to be sure. fixed. never_passed. flaky: fails now and then, as it is ' +
      'known to. known_issue: an open known issue matches its newest failures, which explains them, too. passed_again: failed in the window and passed since',
  },
)

const moreRuns = t.Union(
  [
    t.Object({
      if_fails: t.Union([t.Integer(), t.Null()]),
      if_passes: t.Union([t.Integer(), t.Null()]),
    }),
    t.Null(),
  ],
  { description: 'How many more runs decide whether it is a regression; null: that is decided' },
)

const doubtFields = {
  probability: t.Number({ minimum: 0, maximum: 1, description: 'That it is a regression, not a flake' }),
  streak: t.Integer({ minimum: 0, description: 'Failures in a row up to now; 0: unknown' }),
  flake_rate: t.Number({ minimum: 0, maximum: 1, description: 'How often it fails while it works' }),
  more_runs: moreRuns,
  to_prove_fix: t.Union([t.Integer({ minimum: 1 }), t.Null()], {
    description:
      'Passes in a row that would show that a test is mended which may be flaky; null: it is decided',
  }),
  flakiness: t.Union([t.Object({ rate: t.Number(), low: t.Number(), high: t.Number() }), t.Null()], {
    description: 'How often it fails while it works, with the interval of 90 %; null: unknown',
  }),
}

const sampleItem = t.Union(
  [
    t.Object({
      ...jobItem.properties,
      ...places,
      test: t.Integer({ description: 'The id of the test' }),
      tag: t.String(),
      status: nullableText('null: it has not ended'),
      reported_status: t.Optional(t.String()),
      fail_reason: nullableText('Its first 1,000 characters; null: none'),
    }),
    t.Null(),
  ],
  { description: 'Its newest failure; null: it is gone' },
)

const causeItem = t.Object({
  id: t.String({ description: 'Names the cause in `/triage/CAUSE/tests/` while it is in this group' }),
  group: t.Union(groupNames.map((name) => t.Literal(name))),
  state: stateItem,
  kind: t.Union(
    (['reason', 'host', 'test'] satisfies CauseKind[]).map((kind) => t.Literal(kind)),
    {
      description:
        'What unites its tests. reason: one fail reason. host: many tests began to fail in one job, with different ' +
        'reasons. test: failures of the variants of one test without a reason that says anything',
    },
  ),
  template: nullableText('The fail reason without what differs from run to run; null: none, or several'),
  template_id: t.Union([t.Integer(), t.Null()]),
  reasons: t.Integer({ minimum: 0, description: 'How many different reasons its tests have' }),
  tests: t.Integer({ minimum: 1, description: 'Test cases' }),
  ...testcaseFields,
  hosts: t.Array(t.Union([t.String(), t.Null()]), {
    description: 'Where it fails, or failed: 20 at most; null: unknown',
  }),
  hosts_count: count,
  new_hosts: t.Array(t.Union([t.String(), t.Null()]), {
    description: 'Those on which it began in the window, if it is older on others',
  }),
  since: t.String({ format: 'date-time', description: 'When it began: the earliest of its tests' }),
  first_bad: t.Union(
    [
      t.Object({
        ...jobItem.properties,
        ...places,
        low: t.Optional(
          t.String({ description: 'low and high: the jobs between which it began, with 95 %' }),
        ),
        high: t.Optional(t.String()),
      }),
      t.Null(),
    ],
    { description: 'The first job that was bad; null: it is gone, or it never passed' },
  ),
  last_good: nullableJob('The last job that passed before first_bad on its host'),
  fixed_in: nullableJob('The first job that passed after the last failure'),
  last_bad: nullableJob('The last job that failed'),
  failures: t.Integer({ minimum: 0, description: 'Failures in the window' }),
  in_window: t.Boolean({ description: 'It failed, or was fixed, in the window' }),
  ...doubtFields,
  sample: sampleItem,
  known_issue: t.Union([knownIssueLink, t.Null()], { description: 'That matches its newest failures' }),
  about: t.Union(
    [
      t.Object({ cluster: t.Integer() }),
      t.Object({ regression: t.Integer() }),
      t.Object({ job: t.String(), test: t.String() }),
      t.Null(),
    ],
    { description: 'What a claim or a comment on it names; null: it is gone' },
  ),
  claim: t.Union([claimItem, t.Null()], { description: 'Who looks into it' }),
  comments: count,
})
export type CauseItem = Static<typeof causeItem>

const groupPage = t.Object({
  ...pageOf(causeItem).properties,
  results: t.Array(causeItem, { description: 'What needs somebody first' }),
  tests: t.Integer({ minimum: 0, description: 'Test cases of all its causes' }),
  hosts: t.Integer({ minimum: 0, description: 'Hosts on which they failed in the window' }),
  states: t.Record(t.String(), count, { description: 'How many causes are in each state' }),
})
export type GroupPage = Static<typeof groupPage>

const nightItem = t.Object({
  ...jobItem.properties,
  ...places,
  verdict: t.Union([t.Literal('suspected'), t.Literal('infrastructure')]),
  verdict_by: nullableText('The name of the user who set it; null: the server found it'),
  set_at: t.Union([t.String({ format: 'date-time' }), t.Null()]),
  comment: t.String(),
  reason: t.String({ description: 'A sentence that says why' }),
  tests: count,
  failed: count,
  expected: t.Union([count, t.Null()], {
    description: 'Tests that had passed at their last run; null: no mass failure',
  }),
  broken: t.Union([count, t.Null()], { description: 'How many of these fail' }),
  errors: t.Union([count, t.Null()], { description: 'How many of these with ERROR' }),
  passed_again: t.Union([t.Number(), t.Null()], {
    description:
      'The median share of these that passed in the next jobs of the host; null: there are none yet',
  }),
})
export type NightItem = Static<typeof nightItem>

const nightsItem = t.Object(
  {
    count: t.Integer({ minimum: 0, description: 'Such jobs in the window' }),
    suspected: t.Integer({ minimum: 0, description: 'How many of them are only suspected' }),
    results: t.Array(nightItem, { description: 'Those that are suspected first; 20 at most' }),
  },
  {
    description:
      'Jobs whose failures are the fault of the host, the network or the lab, or may be. Failures of those that are are in no cause; those of suspected ones are',
  },
)
export type NightsItem = Static<typeof nightsItem>

export const triageItem = t.Object({
  window: t.Object({
    from: t.String({ format: 'date-time' }),
    to: t.String({ format: 'date-time' }),
    jobs: count,
    tests: count,
    hosts: count,
    failures: count,
    last_job: t.Union([jobItem, t.Null()], { description: 'The newest job in the window' }),
    truncated: t.Boolean({ description: 'There was more than one list considers: the newest is in it' }),
  }),
  looked_at: t.Optional(
    t.Union([t.String({ format: 'date-time' }), t.Null()], {
      description: 'When the signed-in user looked last; null: never',
    }),
  ),
  infrastructure: t.Optional(nightsItem),
  new: t.Optional(groupPage),
  still_failing: t.Optional(groupPage),
  fixed: t.Optional(groupPage),
  never_passed: t.Optional(groupPage),
  flaky: t.Optional(groupPage),
  incomplete: incompleteItem,
})
export type TriageItem = Static<typeof triageItem>

const causeTestItem = t.Object({
  ...testcaseFields,
  regression: t.Union([t.Integer(), t.Null()], { description: 'The id of a regression' }),
  state: stateItem,
  template: nullableText('null: none'),
  since: t.String({ format: 'date-time' }),
  failures: count,
  ...doubtFields,
  hosts: t.Array(
    t.Object({
      ...places,
      failed: t.Integer({ minimum: 0, description: 'Failures since it began there, of `runs`' }),
      runs: count,
      last: t.Object({
        ...jobItem.properties,
        test: t.Integer(),
        status: nullableText('null: it has not ended'),
      }),
    }),
    { description: 'Where it failed since it began' },
  ),
  passes_on: t.Integer({ minimum: 0, description: 'Other hosts on which its newest run passed' }),
})
export type CauseTestItem = Static<typeof causeTestItem>

export const causeTestPage = t.Object({
  ...pageOf(causeTestItem).properties,
  results: t.Array(causeTestItem),
  incomplete: incompleteItem,
})
