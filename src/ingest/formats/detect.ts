// How each format tells what it is by its beginning: registry.ts asks.

import { encodingOf } from './decoding'
import { splitLines } from './tap/lines'

/** The beginning of a file. */
export interface Head {
  /** 512 at least where the file has so many, for tar; more tell JSON apart better. */
  bytes: Uint8Array
  /** As text, without a byte order mark and without blanks before it. */
  text: string
}

const PLAN = /^1\.\.\d+\s*(#.*)?$/
const NUMBERED = /^(not )?ok \d+(?![^\s#])/

export function headOf(bytes: Uint8Array): Head {
  let text: string | undefined
  return {
    bytes,
    get text() {
      text ??= new TextDecoder(encodingOf(bytes)).decode(bytes).trimStart() // which drops a byte order mark, too
      return text
    },
  }
}

/** Binary formats tell what they are by their first bytes. */
function startsWith(...starts: string[]): (head: Head) => boolean {
  return ({ bytes }) => {
    const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
    return starts.some((magic) => start.startsWith(magic))
  }
}

export const isGzip = startsWith('\x1f\x8b')
export const isZstd = startsWith('\x28\xb5\x2f\xfd')
/** The second is one without a file in it. */
export const isZip = startsWith('PK\x03\x04', 'PK\x05\x06')
export const isSqlite = startsWith('SQLite format 3\0')

/** Old archives have no magic word, but all have a checksum: the sum of the header with blanks in its place. */
export function isTar({ bytes }: Head): boolean {
  if (bytes.length < 512) return false
  const [from, to] = [148, 156]
  const stated = /^ *([0-7]+)[ \0]/.exec(Buffer.from(bytes.subarray(from, to)).toString('latin1'))?.[1]
  if (stated === undefined) return false
  const sum = bytes
    .subarray(0, 512)
    .reduce((sum, byte, index) => sum + (index >= from && index < to ? 0x20 : byte), 0)
  return sum === Number.parseInt(stated, 8)
}

export function isXml({ text }: Head): boolean {
  return text.startsWith('<')
}

/**
 * A version tells it, after the messages of a kernel, too, as do a plan and a test with a number. Avocado's comments are
 * whole logs: a plan or a test alone may come late, but nothing else comes before it, except prove's headings.
 */
export function isTap({ text }: Head): boolean {
  if (/^[<{]/.test(text)) return false
  const lines = splitLines(text)
  if (lines.some((line) => /^K?TAP version \d+\s*$/.test(line))) return true
  if (lines.some((line) => PLAN.test(line)) && lines.some((line) => NUMBERED.test(line))) return true
  const first = lines.find((line) => !/^(\s|#|$)/.test(line))
  if (first === undefined) return text.startsWith('#')
  return /^(1\.\.\d+|(not )?ok\b|Bail out!|pragma [+-]|\S+ \.{2,} ?$)/i.test(first)
}

/** It names its job `job_id`. */
export function isResultsJson({ text }: Head): boolean {
  if (!text.startsWith('{')) return false
  const line = parseObject(firstLine(text))
  if (line) return 'job_id' in line
  // Avocado sorts the keys: these come before the list of the tests, on lines of their own or not.
  return /"(job_id|debuglog)"\s*:/.test(text.split('"tests"', 1)[0] ?? '')
}

/** A line of NDJSON is a whole object, and its first one may be longer than the head. */
export function isNdjson(head: Head): boolean {
  const { text } = head
  if (!text.startsWith('{') || isResultsJson(head)) return false
  return parseObject(firstLine(text)) !== undefined || !(/^\{\s*[\r\n]/.test(text) || text.trim() === '{')
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0] ?? ''
}

function parseObject(line: string): object | undefined {
  try {
    return JSON.parse(line) as object
  } catch {
    return undefined // the line goes on after the head
  }
}
