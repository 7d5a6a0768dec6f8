// Parses JSON from clients, with limits on its depth and its number of values.

import type { Cooperative } from '../../lib/cooperative'
import { BadRequest } from '../../lib/errors'

const MAX_DEPTH = 100
/** The values in a body. A value takes some 60 bytes of memory, even if its text is two bytes long. */
const MAX_VALUES = 1_000_000
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/** The JSON has too many values. */
export class TooManyValues extends SyntaxError {
  constructor(max: number) {
    super(`It has more than ${max} values`)
  }
}

/**
 * Parses in steps: for 16 MiB the check of the limits takes 10 ms, and JSON.parse 20 ms.
 *
 * @param maxValues  the limit of all values together: objects, lists, texts, numbers and so on.
 * @throws SyntaxError
 */
export function* parseJson(text: string, maxValues = MAX_VALUES): Cooperative<unknown> {
  if (text.length > MAX_DEPTH) checkJsonLimits(text, maxValues)
  yield
  const value = JSON.parse(text)
  yield
  return value
}

/** parseJson() for a body or a line of a body. @throws BadRequest */
export function* parseJsonBody(text: string): Cooperative<unknown> {
  try {
    return yield* parseJson(text)
  } catch (error) {
    throw new BadRequest(`JSON parse error - ${(error as Error).message.replace(/^JSON Parse error: /, '')}`)
  }
}

/** Checks the limits before the text is parsed: millions of brackets become millions of objects. @throws SyntaxError */
export function checkJsonLimits(text: string, maxValues: number): void {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COMMA) values++
    else if (code === 0x5b || code === 0x7b) {
      values++
      if (++depth > MAX_DEPTH) throw new SyntaxError(`Nested more than ${MAX_DEPTH} levels deep`)
    } else if (code === 0x5d || code === 0x7d) depth--
    if (values > maxValues) throw new TooManyValues(maxValues)
  }
}

/** The index of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
