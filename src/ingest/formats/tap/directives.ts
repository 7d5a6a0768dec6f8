// Reads what follows the number of a test: its title, and a directive or time after an unescaped `#`.

/** What a directive says about a test in addition to `ok` and `not ok`. */
export type Directive = 'skip' | 'todo' | 'expected' | 'timeout' | 'error' | 'exit' | 'warned'

export interface PointDescription {
  title: string
  directive: Directive | null
  /** The text after the directive. */
  reason: string
  /** Seconds; null: not given. */
  elapsed: number | null
}

/** Escapes, and a `#` at the start or after a blank or an escaped backslash. `C# ` and `Array#skip` are names. */
const HASH = /\\\\(?:#)?|\\#|(?:^|(?<=\s))#/g
/** `time=6ms`; zora writes only a number with a unit. */
const TIME = /^(?:time=(?<time>\d+(?:\.\d+)?)\s*(?<unit>[a-z]*)|(?<alone>\d+(?:\.\d+)?)(?<unitAlone>m?s))$/i
/** A description with more of them has no directive. */
const MAX_HASHES = 8
const UNITS: Record<string, number> = { ms: 1e-3, s: 1, sec: 1, us: 1e-6, m: 60 }

/**
 * Reads a description. A directive follows the only unescaped `#`; with several `#` all is text, as in the examples of
 * TAP 14: `a # b # todo` is a title. A time after a `#` is not part of the title, and its `#` does not count.
 */
export function readDescription(rest: string): PointDescription {
  const { title, parts } = splitAtHashes(rest)
  const times = parts.filter((part) => TIME.test(part))
  const [part, another] = parts.filter((part) => !TIME.test(part))
  const directive = part === undefined || another !== undefined ? undefined : readDirective(part)
  const isText = part !== undefined && !directive
  return {
    title: toTitle(isText ? withoutTime(rest, parts) : title),
    directive: directive?.directive ?? null,
    reason: withoutEscapes(directive?.reason ?? ''),
    elapsed: times[0] === undefined ? null : readTime(times[0]),
  }
}

function splitAtHashes(rest: string): { title: string; parts: string[] } {
  const starts: number[] = []
  for (const { index, 0: found } of rest.matchAll(HASH)) {
    if (found.startsWith('\\#') || !found.endsWith('#')) continue
    starts.push(index + found.length - 1)
    if (starts.length > MAX_HASHES) return { title: rest, parts: ['', ''] }
  }
  return {
    title: rest.slice(0, starts[0] ?? rest.length),
    parts: starts.map((start, index) => rest.slice(start + 1, starts[index + 1] ?? rest.length).trim()),
  }
}

function withoutTime(rest: string, parts: readonly string[]): string {
  return TIME.test(parts.at(-1) ?? '') ? rest.slice(0, rest.lastIndexOf('#')) : rest
}

/** The seconds in `time=6.58ms`. */
export function readTime(text: string): number | null {
  const { time, unit, alone, unitAlone } = TIME.exec(text)?.groups ?? {}
  const amount = time ?? alone
  const factor = UNITS[(unit ?? unitAlone ?? '').toLowerCase()]
  return factor === undefined ? null : roundedSeconds(Number(amount) * factor)
}

/** @returns undefined when the text is not a directive */
function readDirective(text: string): Pick<PointDescription, 'directive' | 'reason'> | undefined {
  // In TAP 14 more characters may follow the word: `# SKIP:`, `# skipping`, `# TODO(me)`.
  const plain = /^(skip|todo)([^\s(]*)\s*(.*)$/is.exec(text)
  if (plain) {
    const [, word = '', , reason = ''] = plain
    const directive = word.toLowerCase() === 'skip' ? 'skip' : 'todo'
    return { directive, reason: reason.replace(/^[-:](?:\s+|$)/, '') }
  }
  // Directives of the kernel, in capitals only.
  const kernel = /^(XFAIL|ERROR|TIMEOUT)\b[:\s]*(.*)$/s.exec(text)
  if (kernel) {
    const [whole, word, reason = ''] = kernel
    if (word === 'TIMEOUT') return { directive: 'timeout', reason: whole }
    return { directive: word === 'XFAIL' ? 'expected' : 'error', reason }
  }
  if (/^exit=-?\d+\b/.test(text)) return { directive: 'exit', reason: text }
  // Avocado's note on a test with warnings.
  return text === 'Warnings were printed into warn log' ? { directive: 'warned', reason: '' } : undefined
}

/** Removes the rounding error of binary fractions: 6.58 ms are 0.00658 s. */
export function roundedSeconds(seconds: number): number | null {
  return Number.isFinite(seconds) && seconds >= 0 ? Number(seconds.toPrecision(12)) : null
}

function toTitle(text: string): string {
  return withoutEscapes(text.trim().replace(/^-(\s+|$)/, ''))
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([\\#])/g, '$1')
}
