// Finds passwords and tokens in a text: in URLs with `user:password@`, and wherever this server's tokens or their names
// occur. They may be plain, percent-encoded, or escaped as in JSON, Python's repr() and HTML.

/** A secret from `start` to `end` (exclusive). `contextStart`: where the context that identifies it begins. */
export interface Secret {
  contextStart: number
  start: number
  end: number
}

/** Characters that are examined from `contextStart` on. Only the beginning of a longer secret is masked. */
export const MAX_SECRET = 4096
/** MAX_SECRET without the context around a secret. */
const MAX_LENGTH = MAX_SECRET - 512
/** Characters before `contextStart` that are needed to find a secret. */
export const MAX_BEFORE = 16
/** The random characters of a token: see makeToken() and makeSecret() in auth/. */
const TOKEN_LENGTH = 43

/** A slash in any spelling. Each ends an authority, so authorities do not overlap and the search is linear. */
const SLASH = '(?:/|(?<=\\\\)u002f|%(?:25){0,3}2f|&#(?:x2f|47);)'
const ANY_SLASHES = new RegExp(`${SLASH}\\\\{0,8}${SLASH}`, 'gi')
const ENCODED_COLON = /%((?:25){0,3})3a$/i
const SCHEME = /[a-z0-9](?::|%(?:25){0,3}3a)$/i

/** A character between a name and its value: `": "`, `=`, `', '`, also encoded or escaped. */
const SEPARATOR = String.raw`(?:%(?:25){0,3}[0-9a-f]{2}|&[#a-z0-9]{2,6};|u00[0-9a-f]{2}|[^A-Za-z0-9\n*&%])`
/** As many as possible, without backtracking: otherwise the last one would count as a value if that is masked. */
const SEPARATORS = `(?=(?<separators>${SEPARATOR}{1,16}))\\k<separators>`
const IN_VALUE = '(?!%(?:25){0,3}(?:2[0267]|0[ad]))[A-Za-z0-9._~+/=%-]'
const VALUE_PIECE = new RegExp(`(?:${IN_VALUE}){1,${MAX_LENGTH}}`, 'iy')
const BLANKS = '(?:[ \\t+]|%(?:25){0,3}20|u0020){1,4}'

const namePatterns = {
  authorization: new RegExp(`authorization${SEPARATORS}(?:bearer|basic|token)${BLANKS}(?=${IN_VALUE})`, 'gi'),
  _auth_token: new RegExp(`_auth_token${SEPARATORS}(?!(?:null|none|undefined)\\b)(?=${IN_VALUE})`, 'gi'),
}
const TOKEN = new RegExp(`avocado_(?:session(?:=|%3d))?[A-Za-z0-9_-]{${TOKEN_LENGTH}}`, 'g')

/** A text with a secret contains at least one of these. The search for them is fast, so it comes first. */
export const secretMarkers = [
  '@',
  '%40',
  '%2540',
  'u0040',
  'avocado_',
  '_auth_token',
  'uthorization',
  'UTHORIZATION',
] as const

interface Options {
  /**
   * The text is binary data, one byte a character. Random bytes sometimes look like `//user:password@`, so a URL must
   * have a scheme and only ASCII characters.
   */
  isBinary: boolean
  /** Whether the text contains this piece. A caller that has bytes searches those, which is several times faster. */
  has(piece: string): boolean
}

/** The secrets in a text, in any order; they may overlap. */
export function* findSecrets(text: string, { isBinary, has }: Options): Generator<Secret, void> {
  if (['@', '%40', '%2540', 'u0040'].some(has)) yield* passwordsOf(text, { isBinary, has })
  if (has('_auth_token')) yield* valuesOf(text, namePatterns._auth_token)
  if (has('uthorization') || has('UTHORIZATION')) yield* valuesOf(text, namePatterns.authorization)
  if (!has('avocado_')) return
  for (const token of tokensOf(text)) {
    // Names of files and functions are in one case; 43 random characters nearly never are.
    const letters = text.slice(token.start, token.end)
    if (/[a-z]/.test(letters) && /[A-Z]/.test(letters)) yield token
  }
}

function* valuesOf(text: string, pattern: RegExp): Generator<Secret, void> {
  /** The end of the current value. A name inside it has a value that ends there, too. */
  let end = 0
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const start = match.index + match[0].length
    if (end <= start) end = endOfValue(text, start)
    yield { contextStart: match.index, start, end: Math.min(end, start + MAX_LENGTH) }
    pattern.lastIndex = match.index + 1 // this value may contain another name
  }
}

function endOfValue(text: string, start: number): number {
  VALUE_PIECE.lastIndex = start
  let end = start
  while (VALUE_PIECE.test(text)) end = VALUE_PIECE.lastIndex
  return end
}

function* tokensOf(text: string): Generator<Secret, void> {
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const end = match.index + match[0].length
    yield { contextStart: match.index, start: end - TOKEN_LENGTH, end }
    TOKEN.lastIndex = match.index + 1 // the next token may begin inside this match
  }
}

function* passwordsOf(text: string, { isBinary, has }: Options): Generator<Secret, void> {
  for (const { at, slashes } of slashesIn(text, has)) {
    if (text.charCodeAt(at + slashes.length) === SLASH_CODE) continue // of more than two slashes, the last two count
    const before = text.slice(Math.max(0, at - MAX_BEFORE), at)
    if (isBinary && !SCHEME.test(before)) continue
    const encoded = /%((?:25)*)2f/i.exec(slashes) ?? ENCODED_COLON.exec(before)
    const depth = encoded ? 1 + (encoded[1] ?? '').length / 2 : 0
    const password = passwordIn(text, at + slashes.length, { depth, isBinary })
    if (password) yield { contextStart: at, ...password }
  }
}

/** The positions of two slashes, plain or encoded. Of three slashes, both pairs are found. */
function* slashesIn(text: string, has: Options['has']): Generator<{ at: number; slashes: string }, void> {
  if (!['\\/', '%2', 'u002', '&#'].some(has)) {
    if (!has('//')) return
    for (let at = text.indexOf('//'); at >= 0; at = text.indexOf('//', at + 1)) yield { at, slashes: '//' }
    return
  }
  ANY_SLASHES.lastIndex = 0
  for (let match = ANY_SLASHES.exec(text); match; match = ANY_SLASHES.exec(text)) {
    const { index: at, 0: slashes } = match
    ANY_SLASHES.lastIndex = at + 1
    yield { at, slashes }
  }
}

/** What a character delimits in an authority; `text`: nothing. */
type Delimiter = 'end' | 'colon' | 'at' | 'text'

/**
 * Finds the password in the authority that begins at `start`: between the first colon and the last `@`.
 *
 * @param depth  how many times the URL is percent-encoded, according to its beginning.
 */
function passwordIn(
  text: string,
  start: number,
  { depth, isBinary }: { depth: number; isBinary: boolean },
): Omit<Secret, 'contextStart'> | undefined {
  const plain = { colon: 0, at: 0 }
  /** The same, including encoded characters: `%3A` and `%40`. */
  const decoded = { colon: 0, at: 0 }
  const limit = Math.min(text.length, start + MAX_LENGTH)
  for (let at = start; at < limit; ) {
    const { delimiter, length } = delimiterAt(text, at, depth)
    if (delimiter === 'end' || (isBinary && text.charCodeAt(at) > 0x7e)) break
    const isPlain = text.charCodeAt(at) !== PERCENT
    const end = at + length
    if (delimiter === 'colon') {
      decoded.colon ||= end
      if (isPlain) plain.colon ||= end
    } else if (delimiter === 'at' && !isDigest(text, end)) {
      decoded.at = at
      if (isPlain) plain.at = at
    }
    at = end
  }
  // A plain `@` takes precedence: `http://user:a%40b@host`. Some encoders keep `:` and `/`: `http://user:pass%40host`.
  const end = depth === 0 && plain.at > 0 ? plain.at : decoded.at
  const colon = plain.colon > 0 && plain.colon < end && depth === 0 ? plain.colon : decoded.colon
  return colon > 0 && end > colon ? { start: colon, end } : undefined
}

/** Whether a digest follows the `@`: `docker://image:tag@sha256:...` has no password. */
function isDigest(text: string, at: number): boolean {
  return /^sha\d{1,3}(?::|%3a)/i.test(text.slice(at, at + 10))
}

const PERCENT = 0x25
const SLASH_CODE = 0x2f
const BACKSLASH = 0x5c

function delimiterAt(text: string, at: number, depth: number): { delimiter: Delimiter; length: number } {
  const code = text.charCodeAt(at)
  if (code === PERCENT) return encodedDelimiter(text, at, depth)
  if (code === BACKSLASH) return escapedDelimiter(text, at)
  const delimiter = delimiterOf(code)
  if (delimiter === 'quote') return { delimiter: isLastQuote(text, at) ? 'end' : 'text', length: 1 }
  // An encoded URL is probably a value in a query, which ends at `&`; a `+` there is a blank.
  if (depth > 0 && (code === 0x26 || code === 0x2b)) return { delimiter: 'end', length: 1 }
  return { delimiter, length: 1 }
}

function delimiterOf(code: number): Delimiter | 'quote' {
  if (code <= 0x20 || code === 0x7f) return 'end'
  if (code === 0x3a) return 'colon'
  if (code === 0x40) return 'at'
  if (code === 0x22 || code === 0x27) return 'quote'
  // / ? # < > `
  return [0x2f, 0x3f, 0x23, 0x3c, 0x3e, 0x60].includes(code) ? 'end' : 'text'
}

function encodedDelimiter(text: string, at: number, depth: number): { delimiter: Delimiter; length: number } {
  const [match, more = '', hex = ''] = /^%((?:25){0,3})([0-9a-f]{2})/i.exec(text.slice(at, at + 9)) ?? []
  if (match === undefined) return { delimiter: 'text', length: 1 }
  const { length } = match
  const delimiter = delimiterOf(Number.parseInt(hex, 16))
  // A character that is encoded once more than the URL belongs to the password.
  if (1 + more.length / 2 > Math.max(1, depth)) return { delimiter: 'text', length }
  if (depth === 0)
    return { delimiter: delimiter === 'at' || delimiter === 'colon' ? delimiter : 'text', length }
  return { delimiter: delimiter === 'quote' ? 'end' : delimiter, length }
}

/** Reads backslashes and the character that they escape in JSON or Python. */
function escapedDelimiter(text: string, at: number): { delimiter: Delimiter; length: number } {
  const [match = '\\', escaped = ''] =
    /^\\{1,8}(u[0-9a-f]{4}|x[0-9a-f]{2}|[^\\])?/i.exec(text.slice(at, at + 14)) ?? []
  const { length } = match
  if (/^[/nrt]$/.test(escaped)) return { delimiter: 'end', length }
  if (/^["']$/.test(escaped)) {
    return { delimiter: isLastQuote(text, at + length - 1) ? 'end' : 'text', length }
  }
  const isCode = escaped.length > 1
  const delimiter = isCode ? delimiterOf(Number.parseInt(escaped.slice(1), 16)) : 'text'
  return {
    delimiter: delimiter === 'quote' ? 'text' : delimiter,
    length: isCode ? length : Math.max(1, length - escaped.length),
  }
}

/** Whether the quote at `at` ends a quoted string, by the character that follows. A password may contain quotes. */
function isLastQuote(text: string, at: number): boolean {
  const next = text[at + 1]
  return next === undefined || next <= ' ' || ',)]}:;+>\\"\''.includes(next)
}
