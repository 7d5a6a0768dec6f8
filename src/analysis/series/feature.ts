import type { Feature } from '../../http/feature'
import type { ResultServices } from '../../results/core/services'
import { refreshWhileServing } from './refresh'

const MINUTE_MS = 60_000

/** Keeps up to date what is derived from the runs of test cases. */
export const series: Feature<ResultServices> = {
  name: 'series',
  tasks: [
    {
      name: 'analyse-runs',
      atStart: true,
      everyMs: MINUTE_MS, // begins again after a failure
      failure: 'the runs of tests were not analysed; it will be tried again',
      run: (services, _, stop) => refreshWhileServing(services, stop),
    },
  ],
}
