// The present.

import type { Microseconds } from './time'

/** By the system's clock, which others set right now and then; to the millisecond. */
export function now(): Microseconds {
  return Date.now() * 1000
}
