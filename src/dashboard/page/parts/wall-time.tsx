import type { Job } from '../api'
import { Duration } from './time'

/** From the start of its first test to the end of its last: beside the duration, which is what its tests took together. */
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
