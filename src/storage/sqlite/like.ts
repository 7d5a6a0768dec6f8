// Matches patterns with `*` for any text. SQLite's GLOB takes quadratic time for long texts and cannot be interrupted.

/** The implementation of `like_any`, which SQLite calls. It keeps the parsed patterns, which rarely change. */
export class LikeAny {
  private known = ''
  private patterns: string[][] = []

  /** @param patterns  a list in JSON. */
  matches(text: string, patterns: string): boolean {
    if (this.known !== patterns) {
      this.patterns = (JSON.parse(patterns) as string[]).map((pattern) => pattern.split('*'))
      this.known = patterns
    }
    return this.patterns.some((pieces) => isLike(text, pieces))
  }
}

/** @param pieces  the parts of a pattern between its `*`, in order. */
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
