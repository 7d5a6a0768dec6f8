// What more runs would tell, in the wire format.

import { type Static, Type as t } from '@sinclair/typebox'
import { probabilityOfRegression, runsToDecide, runsToProveFix } from './rerun'

const count = t.Integer({ minimum: 0 })
const countOrNull = t.Union([count, t.Null()])

export const rerunItem = t.Object({
  flake_rate: t.Number({ description: 'How often it fails while it works' }),
  probability: t.Union([t.Number({ minimum: 0, maximum: 1 }), t.Null()], {
    description: 'Of a regression, against a flake, by the failures in a row',
  }),
  more_runs: t.Union([
    t.Object(
      { if_fails: countOrNull, if_passes: countOrNull },
      { description: 'How many more such runs decide; 0: it is decided' },
    ),
    t.Null(),
  ]),
  to_prove_fix: t.Union([count, t.Null()], {
    description: 'Passes in a row that would show that it is mended; null: it never failed',
  }),
})
export type RerunItem = Static<typeof rerunItem>

/**
 * @param flakeRate  see flakeRate().
 * @param streak  failures in a row up to now; 0: it passes.
 * @param failureRate  the share of runs in which it failed, which a mend has to bring down.
 */
export function showRerun(flakeRate: number, streak: number, failureRate: number): RerunItem {
  return {
    flake_rate: flakeRate,
    probability: streak === 0 ? null : probabilityOfRegression(flakeRate, streak),
    more_runs: streak === 0 ? null : runsToDecide(flakeRate, streak),
    to_prove_fix: runsToProveFix(failureRate),
  }
}
