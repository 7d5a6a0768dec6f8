// Formats numbers and times for readers.

import { signal } from '@preact/signals'

/** The current time. It is updated every few seconds, so that "3 minutes ago" stays true. */
export const now = signal(Date.now())

export function startClock(): void {
  setInterval(() => {
    now.value = Date.now()
  }, 10_000)
}

const wholeNumber = new Intl.NumberFormat('en')

export function formatCount(count: number): string {
  return wholeNumber.format(count)
}

/** `1 test`, `12 tests` */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A template of fail reasons: what differs from run to run is an ellipsis. */
export function formatTemplate(template: string): string {
  return template.replace(/<(?:\*|line|offset)>/g, '…')
}

/**
 * A rate or a probability in percent, with a decimal where it is near to never or always: `2.3 %`, `17 %`, `99.4 %`. It
 * is 0 or 100 only if it is exactly that.
 *
 * @param share  from 0 to 1.
 */
export function formatShare(share: number): string {
  return `${percentOf(share)} %`
}

/** A rate with the interval in which it lies: `2.3 % of its runs (0.8 to 5.1 %)`. */
export function formatRate({ rate, low, high }: { rate: number; low: number; high: number }): string {
  return `${formatShare(rate)} of its runs (${percentOf(low)} to ${formatShare(high)})`
}

function percentOf(share: number): string {
  const percent = share * 100
  if (percent === 0 || percent === 100) return String(percent)
  const shown = Math.min(Math.max(percent, 0.1), 99.9)
  return shown < 9.95 || shown > 99 ? shown.toFixed(1) : shown.toFixed(0)
}

/** Rounds to 100.0 only if all tests passed, and to 0.0 only if none did. @param passrate  percent; null: no tests. */
export function formatPassrate(passrate: number | null): string {
  if (passrate === null) return '–'
  const shown = passrate === 100 || passrate === 0 ? passrate : Math.min(Math.max(passrate, 0.1), 99.9)
  return `${shown.toFixed(1)} %`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = -1
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** A duration with a useful precision: `0.06 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.005) return '< 0.01 s'
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
}

const steps = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' })

const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' })
const month = new Intl.DateTimeFormat('en', { month: 'short' })
const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** A date in the reader's zone: `Mon 23 Nov`, or in another year `23 Nov 2025`. */
export function formatDay(time: string, present: number): string {
  const date = new Date(time)
  const day = `${date.getDate()} ${month.format(date)}`
  const year = date.getFullYear()
  return year === new Date(present).getFullYear() ? `${weekday.format(date)} ${day}` : `${day} ${year}`
}

/** A time of day in the reader's zone: `16:20` */
export function formatHour(time: string): string {
  return hour.format(new Date(time))
}

/** A date and time in the reader's zone: `Mon 23 Nov 16:20`, or in another year `23 Nov 2025 16:20`. */
export function formatDate(time: string, present: number): string {
  return `${formatDay(time, present)} ${formatHour(time)}`
}

/** A day and month, for an axis: `23 Nov`. */
export function formatShortDay(time: number): string {
  const date = new Date(time)
  return `${date.getDate()} ${month.format(date)}`
}

/** When something began: the time of today and yesterday's evening, or else the date. */
export function formatSince(time: string, present: number): string {
  const isNear = Math.abs(present - Date.parse(time)) < 86_400_000
  return isNear ? formatHour(time) : formatDay(time, present)
}

/** How long ago, or how far ahead, a time is: `3 min. ago`. A time more than a day away gets its date. */
export function formatRelative(time: string, present: number): string {
  let value = (Date.parse(time) - present) / 1000
  if (Math.abs(value) < 10) return 'just now'
  for (const [size, unit] of steps) {
    if (Math.abs(value) < size) return relative.format(Math.round(value), unit)
    value /= size
  }
  return formatDate(time, present)
}

const exact = new Intl.DateTimeFormat('sv', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'shortOffset',
})

/** The exact time with the reader's zone: `2026-11-24 15:02:10 UTC+1`. */
export function formatExact(time: string): string {
  return exact.format(new Date(time)).replace(/GMT(?:[+−-]0$)?/, 'UTC')
}
