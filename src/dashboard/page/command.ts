// Reads and writes command lines.

/** Quotes an argument for a POSIX shell. */
export function quoteForShell(argument: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)) return argument
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' }

/**
 * Parses Python's notation of a list of strings. Avocado stores its command line in this form, in `jobdata/cmdline`.
 *
 * @returns undefined when the text is not such a list.
 */
export function parsePythonList(text: string): string[] | undefined {
  const body = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1]
  if (body === undefined) return undefined
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|$)/sy
  const items: string[] = []
  while (item.lastIndex < body.trimEnd().length) {
    const found = item.exec(body)
    if (!found) return undefined
    items.push(decodeEscapes(found[1] ?? found[2] ?? ''))
  }
  return items
}

function decodeEscapes(text: string): string {
  return text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
    (whole, byte?: string, unit?: string, point?: string, letter?: string) => {
      const code = byte ?? unit ?? point
      if (code === undefined) return ESCAPES[letter ?? ''] ?? whole
      const value = Number.parseInt(code, 16)
      return value <= 0x10ffff ? String.fromCodePoint(value) : whole
    },
  )
}
