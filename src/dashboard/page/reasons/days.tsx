// Failures by day: a bar each. Beside it stands what it shows in words, and a table of it on the page of one reason.

import { formatCount, formatCounted, formatShortDay } from '../format'

const WIDTH = 4
const GAP = 1
const HEIGHT = 24
const DAY_MS = 86_400_000

/** @param days  failures on each day, the oldest first. @param to  when the last day ends */
export function DayBars({ days }: { days: readonly number[] }) {
  const most = Math.max(1, ...days)
  const total = days.reduce((sum, count) => sum + count, 0)
  const active = days.filter((count) => count > 0).length
  const label = `${formatCounted(total, 'failure')} on ${formatCounted(active, 'day')} of ${days.length}, ${formatCount(most)} on one at most`
  return (
    <svg
      class="day-bars"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${days.length * (WIDTH + GAP)} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      {days.map((count, index) => {
        const height = count === 0 ? 1 : Math.max(3, (HEIGHT * count) / most)
        return (
          <rect
            key={index}
            class={count === 0 ? 'day-none' : 'day-some'}
            x={index * (WIDTH + GAP)}
            y={HEIGHT - height}
            width={WIDTH}
            height={height}
          />
        )
      })}
    </svg>
  )
}

/** The same as a table: the days with failures, the newest first. */
export function DayTable({ days, from }: { days: readonly number[]; from: string }) {
  const first = Date.parse(from)
  const rows = days.map((count, index) => ({ count, day: first + index * DAY_MS }))
  return (
    <table class="day-table">
      <caption class="visually-hidden">Failures on each day</caption>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col" class="end">
            Failures
          </th>
        </tr>
      </thead>
      <tbody>
        {rows
          .filter(({ count }) => count > 0)
          .reverse()
          .map(({ count, day }) => (
            <tr key={day}>
              <td>{formatShortDay(day)}</td>
              <td class="end">{formatCount(count)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
