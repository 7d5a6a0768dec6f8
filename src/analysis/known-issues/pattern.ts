// Regular expressions of clients, in the syntax of RE2: each takes linear time on any text. They are compiled and matched
// in the reader's worker, because linear time may still be milliseconds.

import { RE2JS, RE2JSException } from 're2js'
import { MAX_LENGTH } from '../reasons/mask'

/** In bytes. */
export const MAX_PATTERN = 1024
/**
 * In instructions of RE2, which writes counted repetitions out. The slowest pattern of this size takes a tenth of a second
 * for one reason; nearly all take microseconds.
 */
const MAX_PROGRAM = 500

/** The patterns that were compiled last. */
const compiled = new Map<string, RE2JS>()
const MAX_COMPILED = 1000

/** @throws PatternError */
function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known) return known
  const made = compileAny(pattern)
  if (made.programSize() > MAX_PROGRAM) throw new PatternError('its repetitions make it too large')
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(pattern, made)
  return made
}

function compileAny(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new PatternError(error.message)
  }
}

/** A pattern is not valid in RE2, or too large. */
export class PatternError extends Error {}

/** Why a pattern is refused; undefined: it is valid. */
export function faultOf(pattern: string): string | undefined {
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}

/** Whether a pattern is found in a fail reason: in what {@link maskReason} looks at, too. @throws PatternError */
export function matchesReason(pattern: string, reason: string): boolean {
  return compile(pattern).test(reason.slice(0, MAX_LENGTH))
}
