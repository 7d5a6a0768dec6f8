// How large the inputs of a few tests are: as large as shows what they are about, or, with `bun run torture`, larger.

/** What `bun run torture` sets for the tests that it runs again. */
export const AT_FULL_SCALE = 'AVOCADO_TESTS_AT_FULL_SCALE'

const isFull = process.env[AT_FULL_SCALE] !== undefined

/** @returns `full` where `bun run torture` runs the test, otherwise `usual`. */
export function scaled(usual: number, full: number): number {
  return isFull ? full : usual
}
