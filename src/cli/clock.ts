// The present.

import type { Microseconds } from '../time'

export function now(): Microseconds {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}
