// Searches the bytes of a log for a pattern, slice by slice, while they arrive. The bytes are decoded to one character
// each, so that the browser's regular expressions can search them and the index of a match is its offset in the file.

import type { Bytes } from './bytes'
import { NumberList } from './numbers'

export interface Pattern {
  /** Has the flag `g`, and expects one character for each byte. */
  expression: RegExp
  /** The most bytes that a match needs, including its lookahead. */
  maxBytes: number
}

const SLICE_BYTES = 256 * 1024
const latin1Decoder = new TextDecoder('latin1')
const encoder = new TextEncoder()

/** Decodes each byte to one character. ASCII stays as it is. */
export function latin1Text(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes)
}

/** A pattern for text in upper or lower case. @returns undefined for empty text. */
export function textPattern(text: string): Pattern | undefined {
  if (text === '') return undefined
  let source = ''
  let maxBytes = 0
  for (const character of text) {
    const variants = [...new Set([character, character.toLowerCase(), character.toUpperCase()])]
      .filter((variant) => [...variant].length === 1)
      .map((variant) => encoder.encode(variant))
    source += `(?:${variants.map((bytes) => escapeRegExp(latin1Text(bytes))).join('|')})`
    maxBytes += Math.max(...variants.map(({ length }) => length))
  }
  return { expression: new RegExp(source, 'g'), maxBytes }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

// Avocado cuts the name of a log level to five letters and puts a bar behind it. "FAIL 0" in a summary is no error.
const ERROR_WORDS = String.raw`\b(?:ERROR|CRITICAL|FAIL)\b(?! 0\b)|\bCRITI\||Traceback \(most recent call last\)`

/** Finds the words with which Avocado reports an error. */
export const errorPattern: Pattern = { expression: new RegExp(ERROR_WORDS, 'g'), maxBytes: 40 }

export class Scan {
  /** The starts and ends of the matches, alternating. */
  private readonly bounds = new NumberList()
  private from = 0

  /** @param limit  how many matches to find. */
  constructor(
    private readonly bytes: Bytes,
    private readonly pattern: Pattern,
    private readonly limit: number,
  ) {}

  get count(): number {
    return this.bounds.length / 2
  }

  get isFull(): boolean {
    return this.count >= this.limit
  }

  match(index: number): { start: number; end: number } {
    return { start: this.bounds.at(2 * index), end: this.bounds.at(2 * index + 1) }
  }

  /** How many matches end at or before `offset`: the index of the first one that does not. */
  countBefore(offset: number): number {
    return this.bounds.countBelow(offset + 1) >>> 1
  }

  /**
   * Searches one slice.
   *
   * @param atEnd  no more bytes will come, so the last bytes can be searched, too.
   * @returns whether there is more to search.
   */
  advance(atEnd: boolean): boolean {
    if (this.isFull) return false
    const { expression, maxBytes } = this.pattern
    const end = Math.min(this.from + SLICE_BYTES + maxBytes, this.bytes.length)
    const isLast = end === this.bytes.length
    const lastStart = isLast && atEnd ? end : end - maxBytes
    if (lastStart < this.from) return false
    // Includes the previous byte: the pattern's \b needs it.
    const base = Math.max(0, this.from - 1)
    const text = latin1Text(this.bytes.slice(base, end))
    expression.lastIndex = this.from - base
    this.from = Math.max(this.from, end - maxBytes + 1)
    for (let match = expression.exec(text); match && !this.isFull; match = expression.exec(text)) {
      const start = base + match.index
      if (start > lastStart) break
      this.bounds.push(start)
      this.bounds.push(start + match[0].length)
      this.from = Math.max(this.from, start + match[0].length)
    }
    return !isLast && !this.isFull
  }
}
