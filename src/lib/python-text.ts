// What Python's repr() writes of a text or a list of texts: Avocado puts it into journals (52 to 84) and jobdata/.

/** `'a'`, `"it's"`, with escapes. Python 2 marks some with a letter. */
const QUOTED = /[bu]?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/sy
const SHORT: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\n': '' }

/** The text of which this is the repr(); undefined for what is none. */
export function readPythonText(repr: string): string | undefined {
  QUOTED.lastIndex = 0
  const found = QUOTED.exec(repr)
  return found?.[0].length === repr.length ? unescaped(found[1] ?? found[2] ?? '') : undefined
}

/** The texts of `['a', "b"]`; undefined for what is no list of texts alone. */
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

/** Python 2 wrote the bytes of UTF-8, Python 3 writes code points of one byte. */
function ofBytes(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
