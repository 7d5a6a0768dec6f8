// What somebody sent, by its first bytes.

import { encodingOf } from './decoding'
import { splitLines } from './tap/lines'

export type ImportFormat =
  | 'tar'
  | 'gzip'
  | 'zstd'
  | 'zip'
  | 'sqlite'
  | 'xml'
  | 'tap'
  | 'results-json'
  | 'ndjson'

const MAGIC: [ImportFormat, string][] = [
  ['gzip', '\x1f\x8b'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'], // without a file in it
  ['sqlite', 'SQLite format 3\0'],
]

const PLAN = /^1\.\.\d+\s*(#.*)?$/
const NUMBERED = /^(not )?ok \d+(?![^\s#])/

/**
 * The format of an import.
 *
 * @param head  its beginning: 512 bytes at least where it has so many, for tar; more tell JSON apart better.
 * @returns undefined for what is none of them.
 */
export function detectFormat(head: Uint8Array): ImportFormat | undefined {
  const start = Buffer.from(head.subarray(0, 16)).toString('latin1')
  const known = MAGIC.find(([, magic]) => start.startsWith(magic))
  if (known) return known[0]
  if (isTar(head)) return 'tar'
  const text = new TextDecoder(encodingOf(head)).decode(head).trimStart() // which drops a byte order mark, too
  if (text.startsWith('<')) return 'xml'
  if (text.startsWith('{')) return detectJson(text)
  return isTap(text) ? 'tap' : undefined
}

/** Old archives have no magic word, but all have a checksum: the sum of the header with blanks in its place. */
function isTar(head: Uint8Array): boolean {
  if (head.length < 512) return false
  const [from, to] = [148, 156]
  const stated = /^ *([0-7]+)[ \0]/.exec(Buffer.from(head.subarray(from, to)).toString('latin1'))?.[1]
  if (stated === undefined) return false
  const sum = head
    .subarray(0, 512)
    .reduce((sum, byte, index) => sum + (index >= from && index < to ? 0x20 : byte), 0)
  return sum === Number.parseInt(stated, 8)
}

/**
 * A version tells it, after the messages of a kernel, too, as do a plan and a test with a number. Avocado's comments are
 * whole logs: a plan or a test alone may come late, but nothing else comes before it, except prove's headings.
 */
function isTap(text: string): boolean {
  const lines = splitLines(text)
  if (lines.some((line) => /^K?TAP version \d+\s*$/.test(line))) return true
  if (lines.some((line) => PLAN.test(line)) && lines.some((line) => NUMBERED.test(line))) return true
  const first = lines.find((line) => !/^(\s|#|$)/.test(line))
  if (first === undefined) return text.startsWith('#')
  return /^(1\.\.\d+|(not )?ok\b|Bail out!|pragma [+-]|\S+ \.{2,} ?$)/i.test(first)
}

/** Both begin with a brace. A line of NDJSON is a whole object; results.json names its job `job_id`. */
function detectJson(text: string): 'results-json' | 'ndjson' | undefined {
  const end = text.search(/[\r\n]/)
  const line = parseObject(end < 0 ? text : text.slice(0, end))
  if (line) return 'job_id' in line ? 'results-json' : 'ndjson'
  // Avocado sorts the keys: these come before the list of the tests, on lines of their own or not.
  const head = text.split('"tests"', 1)[0] ?? ''
  if (/"(job_id|debuglog)"\s*:/.test(head)) return 'results-json'
  return /^\{\s*[\r\n]/.test(text) || text.trim() === '{' ? undefined : 'ndjson'
}

function parseObject(line: string): object | undefined {
  try {
    return JSON.parse(line) as object
  } catch {
    return undefined // the line goes on after the head
  }
}
