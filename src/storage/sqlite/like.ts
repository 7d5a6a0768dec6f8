// Patterns with `*` for anything, matched here: SQLite's GLOB goes through a long text once for each of its characters,
// and nothing interrupts it.

import { type RawBuilder, sql } from 'kysely'

/** Whether a text is like any of the patterns; in them nothing but `*` has a meaning. */
export function likeAny(text: RawBuilder<unknown>, patterns: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`like_any(${text}, ${JSON.stringify(patterns)})`
}

/** What SQLite calls for that. The patterns are those of the call before, as a rule. */
export class LikeAny {
  private known = ''
  private patterns: string[][] = []

  /** @param patterns  as JSON. */
  matches(text: string, patterns: string): boolean {
    if (this.known !== patterns) {
      this.patterns = (JSON.parse(patterns) as string[]).map((pattern) => pattern.split('*'))
      this.known = patterns
    }
    return this.patterns.some((pieces) => isLike(text, pieces))
  }
}

/** @param pieces  what stands between the `*`, in their order. */
function isLike(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces
  const last = others.pop()
  if (last === undefined) return text === first
  const end = text.length - last.length
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of others) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end
}
