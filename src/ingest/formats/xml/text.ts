// Prepares the text of an XML file for the parser: decodes it, and replaces characters that XML forbids.

import { decodeText } from '../decoding'
import type { FileReading } from '../reading'

const DECLARATION = /^\s*<\?xml\s([^>]*)\?>/
const DECLARED_ENCODING = /\bencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']/
const VERSION_1_1 = /\bversion\s*=\s*["']1\.1["']/
/** An encoding is declared within these bytes. */
const HEAD_BYTES = 1024
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: with the stand-ins, these are what is looked for
const FORBIDDEN_1_1 = /[\0-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff]/g
/** A character reference, or the start of a section in which there are no references. */
const REFERENCE = /&#(?:x([0-9a-fA-F]+)|([0-9]+));|<!\[CDATA\[|<!--/g
const ENDS: Record<string, string> = { '<![CDATA[': ']]>', '<!--': '-->' }
/**
 * XML 1.1 allows references to control characters, but the parser supports only 1.0. So they pass through the parser as
 * some of the 32 noncharacters from this one on.
 */
const STAND_IN = 0xfdd0

export interface XmlText {
  /** Without the XML declaration. */
  text: string
  /** Whether some characters stand for control characters: see `withControls`. */
  hasControls: boolean
}

/** @throws BadRequest for UTF-32, which TextDecoder does not know. */
export function xmlText(bytes: Uint8Array, reading: FileReading): XmlText {
  if (isUtf32(bytes)) reading.refuse('it is in UTF-32: send it in UTF-8.')
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1')
  const declared = DECLARED_ENCODING.exec(DECLARATION.exec(head)?.[1] ?? '')?.[1]
  const decoded = decodeText(bytes, reading, declared)
  const isVersion11 = VERSION_1_1.test(DECLARATION.exec(decoded)?.[1] ?? '')
  const raw = decoded.replace(DECLARATION, '').trimStart().toWellFormed()
  const plain = raw.replace(isVersion11 ? FORBIDDEN_1_1 : FORBIDDEN, '\uFFFD')
  const { text, replaced, hasControls } = replaceReferences(plain, isVersion11)
  if (replaced || plain !== raw) reading.warn('characters that XML cannot hold were replaced by U+FFFD.')
  return { text, hasControls }
}

function isUtf32([a, b, c, d]: Uint8Array): boolean {
  return (
    (a === 0xff && b === 0xfe && c === 0 && d === 0) ||
    (a === 0 && b === 0) ||
    (b === 0 && c === 0 && d === 0)
  )
}

/** Replaces references to forbidden characters. Many tools write terminal colours as `&#x1B;`; XML 1.0 forbids it. */
function replaceReferences(text: string, isVersion11: boolean) {
  if (!text.includes('&#')) return { text, replaced: false, hasControls: false }
  const pieces: string[] = []
  let from = 0
  let replaced = false
  let hasControls = false
  REFERENCE.lastIndex = 0
  for (let match = REFERENCE.exec(text); match; match = REFERENCE.exec(text)) {
    const [found, hex, decimal] = match
    const end = ENDS[found]
    if (end !== undefined) {
      const index = text.indexOf(end, REFERENCE.lastIndex)
      if (index < 0) break // the parser reports this
      REFERENCE.lastIndex = index
      continue
    }
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    if (isAllowed(code)) continue
    const isControl = isVersion11 && code > 0 && code < 0x20
    if (isControl) hasControls = true
    else replaced = true
    pieces.push(text.slice(from, match.index), isControl ? String.fromCharCode(STAND_IN + code) : '\uFFFD')
    from = REFERENCE.lastIndex
  }
  pieces.push(text.slice(from))
  return { text: pieces.join(''), replaced, hasControls }
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

/** Restores the control characters in a text. */
export function withControls(text: string): string {
  return text.replace(/[\ufdd0-\ufdef]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - STAND_IN))
}
