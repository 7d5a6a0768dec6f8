// The activities of a job or a test, in the order of time.

import type { Activity } from '../api'
import { formatDuration } from '../format'
import { Empty } from './notice'
import { Status } from './status'
import { ExactTime } from './time'

type Shown = Pick<Activity, 'activity' | 'time'> & Partial<Pick<Activity, 'status'>>

/** Shows with each activity the time since the first one, as a number and as a position on a line. */
export function ActivityList({ activities }: { activities: Shown[] }) {
  const times = activities.map(({ time }) => Date.parse(time))
  const start = Math.min(...times)
  const length = Math.max(...times) - start
  if (activities.length === 0) {
    return (
      <Empty>
        <p>Nothing was reported on what happened.</p>
      </Empty>
    )
  }
  return (
    <ol class="timeline">
      {activities.map(({ activity, time, status }, index) => {
        const offset = (times[index] ?? start) - start
        return (
          <li key={index}>
            <ExactTime time={time} />
            <span class="end numbers muted">+{formatDuration(offset / 1000)}</span>
            <span class="timeline-line" aria-hidden="true">
              <span style={{ left: `${length === 0 ? 0 : (offset / length) * 100}%` }} />
            </span>
            <span>
              <b>{activity}</b> {status && <Status status={status} />}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
