// A moment: how long ago, and exactly when for those who ask.

import { formatExact, formatRelative, now } from '../format'

export function Time({ time }: { time: string }) {
  return (
    <time dateTime={time} title={formatExact(time)}>
      {formatRelative(time, now.value)}
    </time>
  )
}

/** The whole time, with its zone. */
export function ExactTime({ time }: { time: string }) {
  return <time dateTime={time}>{formatExact(time)}</time>
}
