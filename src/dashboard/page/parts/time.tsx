// Shows times and durations.

import { formatDuration, formatExact, formatRelative, now } from '../format'

/** How long ago a time is, with the exact time as a tooltip. */
export function Time({ time }: { time: string }) {
  return (
    <time dateTime={time} title={formatExact(time)}>
      {formatRelative(time, now.value)}
    </time>
  )
}

/** The exact time with its zone. */
export function ExactTime({ time }: { time: string }) {
  return <time dateTime={time}>{formatExact(time)}</time>
}

/** How long something took. @param seconds  null or undefined: unknown. */
export function Duration({ seconds }: { seconds: number | null | undefined }) {
  if (seconds === null || seconds === undefined) return <span class="muted">unknown</span>
  return <>{formatDuration(seconds)}</>
}

/** The duration of a job; null if it is unknown, for which the API has 0. */
export function durationOf({ elapsed_time }: { elapsed_time: number }): number | null {
  return elapsed_time > 0 ? elapsed_time : null
}
