// Globs on the names of test cases: `*` stands for any characters, `?` for one.

/** Matches the whole text, in at most glob times text steps. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0
  let star = -1
  let matched = 0
  let index = 0
  while (index < text.length) {
    if (glob[at] === '*') {
      star = at++
      matched = index
    } else if (glob[at] === '?' || glob[at] === text[index]) {
      at++
      index++
    } else if (star >= 0) {
      // The last star takes one character more.
      at = star + 1
      index = ++matched
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}
