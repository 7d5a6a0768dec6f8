// How long and how often is measured, and where its files lie.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const quick = process.argv.includes('--quick')
export const RUNS = 3
export const SECONDS = quick ? 1 : 5

/** Removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), 'avocado-bench-'))

/** Where the databases that `--fill` makes stay; measured are copies. */
export const filledFolder = resolve(import.meta.dir, '../../dist/bench')
