// Search texts and their words. The words are looked for in full-text indexes: see job-search.ts for jobs, and
// analysis/search/ for test cases and fail reasons.

import { type Field, FieldError, text } from '../../http/resource/fields'

/** The characters of words for the tokenizer. All others separate words. */
const WORD = /[\p{L}\p{N}\p{Co}]/u

/** A limit because each word is looked up in several columns. */
const MAX_WORDS = 16

const typed = text({ max: 1000 })

/** A search text of at most MAX_WORDS words. */
export const searchText: Field<string> = {
  ...typed,
  read(value) {
    const text = typed.read(value)
    if (searchParts(text).length > MAX_WORDS)
      throw new FieldError(`At most ${MAX_WORDS} words are looked for.`)
    return text
  },
}

/**
 * The parts of a search text between blanks that have a word. A part with punctuation, such as `kernel-6.1`, means
 * several words in a row.
 */
export function searchParts(text: string): string[] {
  return text.split(/\s+/).filter((part) => WORD.test(part))
}
