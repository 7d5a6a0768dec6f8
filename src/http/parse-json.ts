// JSON that somebody sent, no deeper than anything here needs to be.

import type { InTurns } from '../turns'
import { BadRequest } from './errors'

const MAX_DEPTH = 100
const QUOTE = 0x22
const BACKSLASH = 0x5c

/** In turns: of 16 MiB the look at the depth takes 10 ms, and JSON.parse 20. @throws SyntaxError */
export function* parseJson(text: string): InTurns<unknown> {
  if (text.length > MAX_DEPTH && isDeeper(text))
    throw new SyntaxError(`Nested more than ${MAX_DEPTH} levels deep`)
  yield
  const value = JSON.parse(text)
  yield
  return value
}

/** The same for a body or a line of one. @throws BadRequest */
export function* parseJsonBody(text: string): InTurns<unknown> {
  try {
    return yield* parseJson(text)
  } catch (error) {
    throw new BadRequest(`JSON parse error - ${(error as Error).message.replace(/^JSON Parse error: /, '')}`)
  }
}

/** Found out before it is parsed: millions of brackets make millions of objects. */
function isDeeper(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}

/** Where the quote stands that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
