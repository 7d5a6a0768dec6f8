// The wire format of /regressions/.

import { type Static, Type as t } from '@sinclair/typebox'
import { pageOf } from '../../http/resource/pagination'
import { incompleteItem, jobItem, testcaseFields } from '../model'

export const regressionStates = ['open', 'fixing', 'fixed', 'never_passed', 'withdrawn'] as const
export type RegressionState = (typeof regressionStates)[number]

const nullableJob = (description: string) => t.Union([jobItem, t.Null()], { description })
const state = t.Union(
  regressionStates.map((name) => t.Literal(name)),
  {
    description:
      'fixing: it passes again, but too few times to be sure; withdrawn: later runs or corrections showed that it was none',
  },
)

/** A regression on one host and distro. */
export const regressionHost = t.Object({
  host: t.Union([t.String(), t.Null()]),
  distro: t.Union([t.String(), t.Null()]),
  state,
  first_bad: nullableJob('null: it never passed'),
  last_good: nullableJob('The last job that passed here before'),
  fixed_in: nullableJob('The first job that passed here after the last failure'),
})

/** A test case that fails for one reason from some job on. */
export const regressionItem = t.Object({
  id: t.Integer(),
  ...testcaseFields,
  template: t.Union([t.String(), t.Null()], {
    description: 'The fail reason without what differs from run to run; null: the failures have no reason',
  }),
  template_id: t.Union([t.Integer(), t.Null()]),
  state,
  probability: t.Number({ minimum: 0, maximum: 1, description: 'Of a change, against none' }),
  first_bad: t.Union(
    [
      t.Object({
        ...jobItem.properties,
        low: t.String({ description: 'low and high: the jobs between which it began, with 95 %' }),
        high: t.String(),
        tests: t.Integer({
          minimum: 1,
          description:
            'How many test cases tell it together: they fail with this reason, and may have begun to at the same time',
        }),
      }),
      t.Null(),
    ],
    {
      description:
        'The first job that was bad, the earliest over all hosts; of a cause that several tests show, by the runs of ' +
        'all of them, so that it may be before the first failure of this one; null: unknown',
    },
  ),
  last_good: nullableJob('The last job that passed before first_bad on its host'),
  fixed_in: nullableJob('The first job that passed after the last failure'),
  last_bad: nullableJob('The last job that failed'),
  hosts: t.Array(regressionHost),
  tests: t.Integer({
    minimum: 1,
    description: 'Test cases that have a regression with this reason in this state',
  }),
  changed_at: t.String({
    format: 'date-time',
    description: 'When its state changed, by the clock of the server',
  }),
})
export type RegressionItem = Static<typeof regressionItem>

export const regressionPage = t.Object({
  ...pageOf(regressionItem).properties,
  results: t.Array(regressionItem),
  incomplete: incompleteItem,
})
export type RegressionPage = Static<typeof regressionPage>

export const singleRegression = t.Object({ ...regressionItem.properties, incomplete: incompleteItem })
