import type { Job } from '../api'
import { Duration } from './time'

/** The time from the start of the first test to the end of the last. The job's duration is the sum over its tests. */
export function WallTime({ job }: { job: Job }) {
  if (job.wall_time === undefined) return null
  return (
    <div>
      <dt>Wall time</dt>
      <dd>
        <Duration seconds={job.wall_time} />
      </dd>
    </div>
  )
}
