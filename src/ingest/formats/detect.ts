// Detects each format by the beginning of a file, for registry.ts.

import { encodingOf } from './decoding'
import { splitLines } from './tap/lines'

/** The beginning of a file. */
export interface Head {
  /** At least 512 if the file is long enough, for tar; more bytes help to distinguish the JSON formats. */
  bytes: Uint8Array
  /** The bytes as text, without byte order mark and leading blanks. */
  text: string
}

const PLAN = /^1\.\.\d+\s*(#.*)?$/
const NUMBERED = /^(not )?ok \d+(?![^\s#])/

export function toHead(bytes: Uint8Array): Head {
  let text: string | undefined
  return {
    bytes,
    get text() {
      text ??= new TextDecoder(encodingOf(bytes)).decode(bytes).trimStart() // also removes a byte order mark
      return text
    },
  }
}

/** A test for the first bytes (the magic number) of a binary format. */
function startsWith(...starts: string[]): (head: Head) => boolean {
  return ({ bytes }) => {
    const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
    return starts.some((magic) => start.startsWith(magic))
  }
}

export const isGzip = startsWith('\x1f\x8b')
export const isZstd = startsWith('\x28\xb5\x2f\xfd')
/** The second one is the magic number of an empty zip. */
export const isZip = startsWith('PK\x03\x04', 'PK\x05\x06')
export const isSqliteFile = startsWith('SQLite format 3\0')

/** Old archives have no magic number, but all have a checksum: the sum of the header with blanks in its own place. */
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
 * TAP has a version line, possibly after other kernel messages, or both a plan and a numbered test. In Avocado's files
 * long comments may precede the first plan or test, so one of the two is enough if only comments or a heading of prove
 * come before it.
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

/** results.json has the field `job_id`. */
export function isResultsJson({ text }: Head): boolean {
  if (!text.startsWith('{')) return false
  const line = parseObject(firstLine(text))
  if (line) return 'job_id' in line
  // Avocado sorts the keys, so these come before the list of tests, whether the JSON is indented or not.
  return /"(job_id|debuglog)"\s*:/.test(text.split('"tests"', 1)[0] ?? '')
}

/** A line of NDJSON is a whole object. The first line may be longer than the head. */
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
    return undefined // the line continues after the head
  }
}
