// Durations as people type them: 90d, 12h, 30m, 2w.

import type { Microseconds } from '../time'

const seconds = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** @returns undefined when the text is no duration. */
export function parseDuration(text: string): Microseconds | undefined {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? []
  if (!unit || Number(count) === 0) return undefined
  return Number(count) * seconds[unit as keyof typeof seconds] * 1_000_000
}
