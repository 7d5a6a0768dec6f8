// How long and how often is measured, and where its files lie.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export const asked = given()
export const { quick } = asked
export const RUNS = 3
export const SECONDS = quick ? 1 : 5

/** Removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), 'avocado-bench-'))

/** Where the databases that `--fill` makes stay; measured are copies. */
export const filledFolder = resolve(asked.folder ?? resolve(import.meta.dir, '../../dist/bench'))

function given() {
  const option = { type: 'boolean', default: false } as const
  const value = { type: 'string' } as const
  const options = {
    ...{ fill: option, quick: option, server: option, pages: option, floors: option, lab: option },
    ...{ tests: value, folder: value, binary: value },
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`)
    console.error(`${(error as Error).message}. What there is: ${names.join(', ')}.`)
    process.exit(2)
  }
}
