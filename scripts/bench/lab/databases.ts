// The databases of the lab: where they are, and what is known of how they were made.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Microseconds } from '../../../src/lib/time'
import { asked, filledFolder } from '../options'

export const SEED = 15

/** Two of one shape, one ten times as large as the other: about so many tests. */
export const sizes = asked.tests ? [Number(asked.tests)] : [1_000_000, 10_000_000]

export interface Filled {
  tests: number
  jobs: number
  seed: number
  until: Microseconds
  /** How long it took to send the environments, and to import the jobs, in seconds. */
  environmentSeconds: number
  importSeconds: number
  /** How long the background went on after the last job. */
  settleSeconds: number
  /** Load averages of a minute while it was filled, and of how many cores. */
  load: number[]
  cores: number
}

export function labPath(tests: number): string {
  return join(filledFolder, `lab-${tests}.sqlite`)
}

/** @returns undefined: it is not there. */
export function readFilled(tests: number): Filled | undefined {
  const path = `${labPath(tests)}.json`
  return existsSync(path) && existsSync(labPath(tests)) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
