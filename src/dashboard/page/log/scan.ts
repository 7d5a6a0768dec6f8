// Looks for a pattern in the bytes of a log, a slice at a time, while they arrive. Bytes are looked at as text of one
// character each, so that a match has its place in the file, and the browser's own regular expressions do the work.

import type { Bytes } from './bytes'
import { NumberList } from './numbers'

export interface Pattern {
  /** Global, over one character a byte. */
  expression: RegExp
  /** No match needs more bytes to be recognised, what it looks ahead for included. */
  maxBytes: number
}

const SLICE_BYTES = 256 * 1024
const latin1Decoder = new TextDecoder('latin1')
const encoder = new TextEncoder()

/** One character for each byte. Those of ASCII are themselves. */
export function latin1Text(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes)
}

/** Text as a reader types it, in upper or lower case. Undefined for no text. */
export function textPattern(text: string): Pattern | undefined {
  if (text === '') return undefined
  let source = ''
  let maxBytes = 0
  for (const character of text) {
    const variants = [...new Set([character, character.toLowerCase(), character.toUpperCase()])]
      .filter((variant) => [...variant].length === 1)
      .map((variant) => encoder.encode(variant))
    source += `(?:${variants.map((bytes) => escaped(latin1Text(bytes))).join('|')})`
    maxBytes += Math.max(...variants.map(({ length }) => length))
  }
  return { expression: new RegExp(source, 'g'), maxBytes }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

// Avocado writes five letters of a level, then a bar. "FAIL 0" is of a summary that counts none.
const ERROR_WORDS = String.raw`\b(?:ERROR|CRITICAL|FAIL)\b(?! 0\b)|\bCRITI\||Traceback \(most recent call last\)`

/** What Avocado writes when something breaks. */
export const errorPattern: Pattern = { expression: new RegExp(ERROR_WORDS, 'g'), maxBytes: 40 }

export class Scan {
  /** Where matches start and end, in turn. */
  private readonly bounds = new NumberList()
  private from = 0

  /** @param limit  how many matches to look for. */
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

  /** How many matches end before `offset` or at it: the index of the first one that does not. */
  countBefore(offset: number): number {
    return this.bounds.countBelow(offset + 1) >>> 1
  }

  /**
   * Looks through one slice.
   *
   * @param atEnd  no more bytes will come: what is there decides about the last of them.
   * @returns whether there is more to look through.
   */
  advance(atEnd: boolean): boolean {
    if (this.isFull) return false
    const { expression, maxBytes } = this.pattern
    const end = Math.min(this.from + SLICE_BYTES + maxBytes, this.bytes.length)
    const isLast = end === this.bytes.length
    const lastStart = isLast && atEnd ? end : end - maxBytes
    if (lastStart < this.from) return false
    // With the byte before: whether a word begins here depends on it.
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
