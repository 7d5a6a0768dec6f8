// The wire format of /flaky/.

import { type Static, Type as t } from '@sinclair/typebox'
import { pageOf } from '../../http/resource/pagination'
import { rerunItem } from '../flakiness/model'
import { flakinessItem } from '../history/model'
import { incompleteItem, jobItem, timesItem } from '../model'

export const flakyItem = t.Object({
  ...flakinessItem.properties,
  hosts: t.Array(t.Union([t.String(), t.Null()]), {
    description: 'Where it failed by itself, by name; null: unknown',
  }),
  templates: t.Array(t.String(), {
    description:
      'The fail reasons of its flakes without what differs from run to run, 5 at most, the most frequent first',
  }),
  template_ids: t.Array(t.Integer(), { description: 'Their ids, in the same order' }),
  last_flake: t.Union([t.Object({ ...jobItem.properties, test: t.Integer() }), t.Null()], {
    description: 'Its newest flake; null: there is none that a pass has ended',
  }),
  cost_seconds: t.Number({ minimum: 0, description: 'How long its flakes took together' }),
  rerun: t.Object(rerunItem.properties, {
    description:
      'What runs would tell. `probability` and `more_runs` are of its failures in a row, where it fails now: null elsewhere',
  }),
})
export type FlakyItem = Static<typeof flakyItem>

export const flakyPage = t.Object({
  ...pageOf(flakyItem).properties,
  results: t.Array(flakyItem),
  window: timesItem(
    'The time of the runs that count. A test that did not run in it is judged by its last runs before',
  ),
  truncated: t.Optional(
    t.Literal(true, { description: 'There were too many tests to look at: those with the most flakes were' }),
  ),
  incomplete: incompleteItem,
})
export type FlakyPage = Static<typeof flakyPage>
