// Reads the system's clock.

import type { Microseconds } from './time'

/** The present, exact to the millisecond. The system's clock may be set back. */
export function now(): Microseconds {
  return Date.now() * 1000
}
