// The wire format of /clusters/.

import { type Static, Type as t } from '@sinclair/typebox'
import { pageOf } from '../../http/resource/pagination'
import { blames } from '../infrastructure/blame'
import { knownIssueLink } from '../known-issues/model'
import { incompleteItem, jobItem, testcaseFields, timesItem } from '../model'

const count = t.Integer({ minimum: 0 })
const time = t.String({ format: 'date-time' })

export const clusterItem = t.Object({
  id: t.Integer({ description: 'Of the template; `/tests/runs/?template=` has its runs' }),
  template: t.String({ description: 'The fail reason without what differs from run to run' }),
  failures: count,
  tests: t.Integer({ minimum: 0, description: 'Test cases' }),
  hosts: t.Integer({ minimum: 0, description: 'Hosts; the unknown ones count as one' }),
  jobs: count,
  first: t.String({ format: 'date-time', description: 'Its first failure in the window' }),
  last: t.String({ format: 'date-time', description: 'Its newest failure in the window' }),
  days: t.Array(t.Integer(), {
    description: 'Failures on each day (UTC) of the window, the oldest first',
  }),
  open_tests: t.Integer({ minimum: 0, description: 'Test cases with a regression that is open' }),
  known_issue: t.Union([knownIssueLink, t.Null()], { description: 'That matches its newest failure' }),
  infrastructure: t.Boolean({
    description:
      'It hit at least 30 % of the test cases of its jobs, on 3 days at most, and all of these jobs are known to have ' +
      'failed because of the infrastructure',
  }),
  blame: t.Union(
    [
      t.Object({
        of: t.Union(blames.map((blame) => t.Literal(blame))),
        host: t.Union([t.String(), t.Null()], {
          description: 'Which host; null: it is not a host, or unknown',
        }),
        probability: t.Number({ minimum: 0, maximum: 1 }),
      }),
      t.Null(),
    ],
    {
      description:
        'Whom the failures point at, by the runs of the tests that failed most. host: one host fails so, the others do not. ' +
        'product: as many fail so everywhere. noise: few do. null: only one host runs these tests',
    },
  ),
  sample: t.Union([t.Object({ ...jobItem.properties, test: t.Integer() }), t.Null()], {
    description: 'Its newest failure; null: it is gone',
  }),
  tests_top: t.Array(t.Object({ ...testcaseFields, failures: count }), {
    description: 'The test cases that failed most, 5 at most',
  }),
  hosts_top: t.Array(t.Object({ host: t.Union([t.String(), t.Null()]), failures: count }), {
    description: 'The hosts on which they failed most, 5 at most; null: unknown',
  }),
})
export type ClusterItem = Static<typeof clusterItem>

const window = timesItem('The time of the failures that are counted')

export const clusterPage = t.Object({
  ...pageOf(clusterItem).properties,
  results: t.Array(clusterItem),
  window,
  incomplete: incompleteItem,
})
export type ClusterPage = Static<typeof clusterPage>

export const singleCluster = t.Object({
  ...clusterItem.properties,
  first: t.Union([time, t.Null()], { description: 'null: it has no failure in the window' }),
  last: t.Union([time, t.Null()]),
  window,
  incomplete: incompleteItem,
})
export type SingleCluster = Static<typeof singleCluster>

const clusterJobItem = t.Object({
  ...jobItem.properties,
  host: t.Union([t.String(), t.Null()], { description: 'null: unknown' }),
  branch: t.Union([t.String(), t.Null()], { description: 'null: none' }),
  failures: t.Integer({ minimum: 1, description: 'Its tests that failed so' }),
  test: t.Integer({ description: 'The id of the last of them' }),
  testcase: t.String({ description: 'What it is called' }),
})
export type ClusterJobItem = Static<typeof clusterJobItem>

export const clusterJobPage = t.Object({
  ...pageOf(clusterJobItem).properties,
  results: t.Array(clusterJobItem, { description: 'The newest first' }),
  window,
  incomplete: incompleteItem,
})
