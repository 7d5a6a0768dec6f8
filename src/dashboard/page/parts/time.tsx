// A moment: how long ago, and exactly when for those who ask; and how long something took.

import { formatDuration, formatExact, formatRelative, now } from '../format'

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

/** How long something took: never a number where nobody told one. @param seconds  null or undefined: unknown. */
export function Duration({ seconds }: { seconds: number | null | undefined }) {
  if (seconds === null || seconds === undefined) return <span class="muted">unknown</span>
  return <>{formatDuration(seconds)}</>
}

/** The API gives 0 for a job of which nobody told how long it took: no job takes no time at all. */
export function durationOf({ elapsed_time }: { elapsed_time: number }): number | null {
  return elapsed_time > 0 ? elapsed_time : null
}
