// Reads the plain values in the YAML of a test. Many producers write YAML that a real parser would refuse, so this
// reader never fails.

const KEY = /^(['"]?)[A-Za-z_][\w .-]*\1$/
/** A longer text before a colon is not a key. */
const MAX_KEY = 100
const BLOCK_SCALAR = /^[|>][-+\d]{0,3}(?:\s+#.*)?$/
const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\uFFFD',
  e: '\x1b',
  b: '\b',
  a: '\x07',
}

export interface Diagnostics {
  /** The lines between `---` and `...`, without their common indentation. */
  text: string
  /** The values of the outermost keys as text; lists and objects as they are written. */
  values: Map<string, string>
}

/** @param lines  with their indentation. */
export function readDiagnostics(lines: readonly string[]): Diagnostics {
  // The first line that is not blank sets the margin. Later lines of a literal may be further left by mistake.
  const margin = indentationOf(lines.find((line) => line.trim() !== '') ?? '')
  const own = lines.map((line) => (indentationOf(line) >= margin ? line.slice(margin) : line.trimStart()))
  const values = new Map<string, string>()
  for (let at = 0; at < own.length; ) {
    const start = at++
    const { key, head } = splitKey(own[start] ?? '')
    if (key === undefined) continue
    while (at < own.length && isContinued(own[at] ?? '')) at++
    if (!values.has(key)) values.set(key, readValue(head, own.slice(start + 1, at)))
  }
  return { text: own.join('\n').trimEnd(), values }
}

function splitKey(line: string): { key?: string; head: string } {
  const end = `${line.slice(0, MAX_KEY)} `.search(/:\s/)
  const key = line.slice(0, end).trim()
  if (end < 0 || !KEY.test(key)) return { head: '' }
  return { key: key.replace(/^(['"])(.*)\1$/, '$2'), head: line.slice(end + 1).trim() }
}

/** Whether a line continues the value of a key. The items of a list may have the indentation of their key. */
function isContinued(line: string): boolean {
  return line.trim() === '' || /^\s/.test(line) || /^- /.test(line) || line === '-'
}

function readValue(head: string, below: readonly string[]): string {
  if (BLOCK_SCALAR.test(head)) return readBlock(head, below)
  const text = [head, ...below.map((line) => line.trim())]
  const quote = head[0]
  if (quote === "'" || quote === '"') return unquoted(folded(text), quote)
  const isNested =
    head === '' && /^\s*(- |-$|[^\s'"][^:]*:( |$))/.test(below.find((line) => line.trim() !== '') ?? '')
  if (isNested || quote === '[' || quote === '{') return [head, ...below].join('\n').trim()
  const plain = folded(text)
  const comment = below.length === 0 ? plain.indexOf(' #') : -1
  return comment < 0 ? plain : plain.slice(0, comment).trim()
}

/** Reads a block scalar: `|` keeps line breaks, `>` replaces them with blanks. */
function readBlock(head: string, below: readonly string[]): string {
  const stated = /\d/.exec(head)?.[0]
  const margin = stated ? Number(stated) : indentationOf(below.find((line) => line.trim() !== '') ?? '')
  const lines = below.map((line) => (indentationOf(line) >= margin ? line.slice(margin) : line.trimStart()))
  return (head.startsWith('|') ? lines.join('\n') : folded(lines)).trimEnd()
}

/** Folds lines into one text: an empty line is a line break, and indented lines stay as they are. */
function folded(lines: readonly string[]): string {
  let text = ''
  let before = ''
  for (const [index, line] of lines.entries()) {
    const joins = index > 0 && line !== '' && before !== '' && !/^\s/.test(line) && !/^\s/.test(before)
    if (joins) text += ' '
    else if (index > 0 && (line === '' || /^\s/.test(line) || /^\s/.test(before))) text += '\n'
    text += line
    before = line
  }
  return text.trim()
}

function unquoted(text: string, quote: string): string {
  const end = text.length > 1 && text.endsWith(quote) ? text.length - 1 : text.length
  const inner = text.slice(1, end)
  if (quote === "'") return inner.replaceAll("''", "'")
  return inner.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, (_, code: string) =>
    /^[ux]./.test(code) ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  )
}

export function indentationOf(line: string): number {
  let indent = 0
  while (line[indent] === ' ') indent++
  return indent
}
