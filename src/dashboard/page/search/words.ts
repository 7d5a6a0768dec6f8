// Finds the words of a search in a text, as the server finds them: each is the beginning of a word, upper and lower
// case and accents are alike, and punctuation separates words.

/** A part of a text. */
export interface Piece {
  text: string
  isFound: boolean
}

const SEPARATOR = '[^\\p{L}\\p{N}]+'

/** The pieces of a text, of which those that begin with a word of the search are found. */
export function piecesOf(text: string, search: string): Piece[] {
  const pattern = patternOf(search)
  if (!pattern) return [{ text, isFound: false }]
  const pieces: Piece[] = []
  let done = 0
  for (const { index, 0: found } of fold(text).matchAll(pattern)) {
    if (index > done) pieces.push({ text: text.slice(done, index), isFound: false })
    done = index + found.length
    pieces.push({ text: text.slice(index, done), isFound: true })
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isFound: false })
  return pieces
}

/** @returns undefined when the search has no words. */
function patternOf(search: string): RegExp | undefined {
  const parts = fold(search)
    .split(/\s+/)
    .map((part) => part.match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((words) => words.length > 0)
    .map((words) => words.join(SEPARATOR))
  // The longest first: of two words with the same beginning the whole one is marked.
  parts.sort((left, right) => right.length - left.length)
  return parts.length === 0 ? undefined : new RegExp(`(?<![\\p{L}\\p{N}])(?:${parts.join('|')})`, 'gu')
}

/** The text in lower case without accents. It keeps its length, so that places in it are places in the text. */
function fold(text: string): string {
  let folded = ''
  for (const unit of text.split('')) {
    const plain = unit.normalize('NFD').charAt(0).toLowerCase()
    folded += plain.length === 1 ? plain : unit
  }
  return folded
}

/** How much of a text is shown before the first found word. */
const BEFORE = 60

/** The text from shortly before its first found word on, if that is not near the beginning. */
export function excerptOf(text: string, search: string): string {
  const [first, found] = piecesOf(text, search)
  if (!first || first.isFound || !found || first.text.length <= 2 * BEFORE) return text
  const start = first.text.length - BEFORE
  const blank = text.indexOf(' ', start)
  return `… ${text.slice(blank >= 0 && blank < first.text.length ? blank + 1 : start)}`
}
