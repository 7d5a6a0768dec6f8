// Reads the repr() of Python strings and lists of strings, which Avocado writes into journals (52 to 84) and jobdata/.

/** A string literal such as `'a'` or `"it's"`, with escapes. Python 2 may put a letter in front. */
const QUOTED = /[bu]?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/sy
const SHORT: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\n': '' }

/** The string with this repr(); undefined when it is not the repr() of a string. */
export function readPythonText(repr: string): string | undefined {
  QUOTED.lastIndex = 0
  const found = QUOTED.exec(repr)
  return found?.[0].length === repr.length ? unescaped(found[1] ?? found[2] ?? '') : undefined
}

/** The strings of `['a', "b"]`; undefined when it is not a list of only strings. */
export function readPythonTexts(repr: string): string[] | undefined {
  const text = repr.trim()
  if (!text.startsWith('[') || !text.endsWith(']')) return undefined
  const texts: string[] = []
  let at = skipBlanks(text, 1)
  while (at < text.length - 1) {
    QUOTED.lastIndex = at
    const found = QUOTED.exec(text)
    if (!found) return undefined
    texts.push(unescaped(found[1] ?? found[2] ?? ''))
    at = skipBlanks(text, at + found[0].length)
    if (text[at] === ',') at = skipBlanks(text, at + 1)
    else if (at < text.length - 1) return undefined
  }
  return texts
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (/\s/.test(text[at] ?? '')) at++
  return at
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /((?:\\x[\da-f]{2})+)|\\u([\da-f]{4})|\\U([\da-f]{8})|\\(.)/gs,
    (whole, bytes?: string, short?: string, long?: string, character?: string) => {
      if (bytes) return ofBytes(Buffer.from(bytes.replaceAll('\\x', ''), 'hex'))
      if (character !== undefined) return SHORT[character] ?? character
      const code = Number.parseInt((short ?? long) as string, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** In Python 2, `\x` escapes are bytes of UTF-8; in Python 3, they are code points below 256. */
function ofBytes(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
