// Replaces each character of a secret in incoming data with an asterisk. Formats that depend on positions, such as
// SQLite's, stay valid. Masking twice changes nothing more.

import type { Cooperative } from '../lib/cooperative'
import { findSecrets, MAX_BEFORE, MAX_SECRET, type Secret, secretMarkers } from './find'

const ASTERISK = 0x2a
/** Bytes of a file that decide whether it is text. */
const HEAD_BYTES = 8192
/** Characters of a long text that are searched in one step. A text full of secrets takes 1 ms for 32 KiB. */
const WINDOW = 64 * 1024

/** The text with its secrets masked. */
export function maskText(text: string): string {
  const secrets = secretsIn(text)
  return secrets.length === 0 ? text : maskUpTo(text, secrets, { start: 0, end: text.length }).masked
}

/**
 * Masks a text that may be long, cooperatively. A secret is recognised by characters near its beginning, so the text
 * can be searched in windows.
 */
export function* maskLongText(text: string): Cooperative<string> {
  if (text.length <= WINDOW) return maskText(text)
  if (!secretMarkers.some((mark) => text.includes(mark))) return text
  const pieces: string[] = []
  let rest: Secret[] = []
  let done = 0
  for (let start = 0; start < text.length; start += WINDOW) {
    const end = start + WINDOW
    const from = Math.max(0, start - MAX_BEFORE)
    for (const { contextStart: at, ...secret } of secretsIn(text.slice(from, end + MAX_SECRET))) {
      const isHere = from + at >= start && from + at < end
      if (isHere) rest.push({ contextStart: from + at, start: from + secret.start, end: from + secret.end })
    }
    const piece = maskUpTo(text, rest, { start: done, end: Math.min(end, text.length) })
    pieces.push(piece.masked)
    rest = piece.secrets
    done = piece.end
    yield
  }
  return pieces.join('')
}

function secretsIn(text: string): Secret[] {
  if (!secretMarkers.some((mark) => text.includes(mark))) return []
  return [...findSecrets(text, { isBinary: false, has: (piece) => text.includes(piece) })]
}

/**
 * Masks a part of a text. The last secret may extend beyond the part.
 *
 * @returns the masked part, where it ends, and the secrets after it.
 */
function maskUpTo(
  text: string,
  secrets: Secret[],
  part: { start: number; end: number },
): { masked: string; end: number; secrets: Secret[] } {
  let masked = ''
  let end = part.start
  const later: Secret[] = []
  for (const secret of secrets.sort((a, b) => a.start - b.start)) {
    const start = Math.max(end, secret.start)
    if (secret.start >= part.end) later.push(secret)
    else if (secret.end > start) {
      masked += text.slice(end, start) + '*'.repeat(secret.end - start)
      end = secret.end
    }
  }
  if (end >= part.end) return { masked, end, secrets: later }
  return { masked: masked + text.slice(end, part.end), end: part.end, secrets: later }
}

/** Masks the secrets in the bytes of a file, even across chunks. */
export async function* maskBytes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const mask = new ByteMask()
  for await (const chunk of chunks) {
    const masked = mask.add(chunk)
    if (masked.length > 0) yield masked
  }
  const rest = mask.end()
  if (rest.length > 0) yield rest
}

/**
 * Masks a stream of bytes. It holds back MAX_SECRET bytes, because a secret may need so many to be found. It keeps them
 * both masked and plain: the search needs the original bytes, so that the result does not depend on chunk boundaries.
 */
class ByteMask {
  /** The last MAX_BEFORE bytes that were passed on, as context, and the bytes that are held back. */
  private plain: Buffer = Buffer.alloc(0)
  private masked: Buffer = this.plain
  /** How many of these bytes were passed on already. */
  private done = 0
  private isText: boolean | undefined

  add(chunk: Uint8Array): Uint8Array {
    return this.take(chunk, MAX_SECRET)
  }

  /** Returns the bytes that are still held back. */
  end(): Uint8Array {
    return this.take(new Uint8Array(), 0)
  }

  private take(chunk: Uint8Array, held: number): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const plain = this.plain.length === 0 ? bytes : Buffer.concat([this.plain, bytes])
    if (this.isText === undefined && held > 0 && plain.length < HEAD_BYTES) {
      this.plain = this.masked = Buffer.from(plain)
      return new Uint8Array()
    }
    this.isText ??= !plain.subarray(0, HEAD_BYTES).includes(0)
    const until = Math.max(this.done, plain.length - held)
    const masked = this.mask(plain, until)
    const ready = masked.subarray(this.done, until)
    const kept = Math.max(0, until - MAX_BEFORE)
    this.plain = Buffer.from(plain.subarray(kept))
    this.masked = masked === plain ? this.plain : Buffer.from(masked.subarray(kept))
    this.done = until - kept
    return ready
  }

  /** @param until  secrets that begin here or later are not masked yet. */
  private mask(plain: Buffer, until: number): Buffer {
    let masked = plain
    if (!this.masked.equals(this.plain)) {
      masked = Buffer.from(plain)
      this.masked.copy(masked)
    }
    const has = (piece: string) => plain.includes(piece)
    if (!secretMarkers.some(has)) return masked
    const isBinary = this.isText === false
    for (const { contextStart: at, start, end } of findSecrets(plain.toString('latin1'), { isBinary, has })) {
      if (at < this.done || at >= until) continue
      if (masked === plain) masked = Buffer.from(plain)
      masked.fill(ASTERISK, start, end)
    }
    return masked
  }
}
