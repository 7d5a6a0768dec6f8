import type { Feature } from '../../http/feature'
import { resumeRetiming } from '../core/retiming'
import type { ResultServices } from '../core/services'
import { expireStaleJobs } from './expire-stale-jobs'
import { sweepHiddenJobs } from './hidden-jobs'
import { rowMetrics } from './metrics'
import { jobRoutes } from './routes'

const MINUTE_MS = 60_000

export const jobs: Feature<ResultServices> = {
  name: 'jobs',
  routes: (services) => [jobRoutes(services)],
  metrics: rowMetrics,
  tasks: [
    {
      name: 'expire-stale-jobs',
      everyMs: MINUTE_MS,
      failure: 'jobs were not looked through',
      async run({ database, clock }, _, stop) {
        while (!stop.aborted && (await database.write(expireStaleJobs, { now: clock() })).more);
      },
    },
  ],
  async prepare(services) {
    await sweepHiddenJobs(services)
    await resumeRetiming(services.database)
  },
}
