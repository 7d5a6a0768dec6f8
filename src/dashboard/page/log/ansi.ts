// Parses terminal escape sequences in a row of a log. Colours and styles are kept; all other sequences are dropped.

/** The style of a range of text. Colours are CSS values. */
export interface TextStyle {
  color?: string | undefined
  background?: string | undefined
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
  strike?: boolean
  inverse?: boolean
}

export interface StyledRange {
  /** Offsets in the row, in bytes. */
  start: number
  end: number
  style: TextStyle
}

const ESC = '\\x1b'
/** Matches only a sequence that ends within the row; otherwise it would hide the rest of the row. */
const STRING_SEQUENCE = `${ESC}[\\]PX^_][^\\x07\\x1b]*(?:\\x07|${ESC}\\\\)`
const CONTROL_SEQUENCE = `${ESC}\\[([0-?]*)[ -/]*([@-~])`
const SHORT_SEQUENCE = `${ESC}[ -/]*[0-~]`
const sequences = new RegExp(`${CONTROL_SEQUENCE}|${STRING_SEQUENCE}|${SHORT_SEQUENCE}`, 'g')

/** @param row  has one character for each byte. @returns the ranges between the sequences. */
export function parseAnsi(row: string): StyledRange[] {
  const ranges: StyledRange[] = []
  let style: TextStyle = {}
  let start = 0
  const add = (end: number) => {
    if (end > start) ranges.push({ start, end, style })
  }
  for (const match of row.matchAll(sequences)) {
    add(match.index)
    start = match.index + match[0].length
    const [, parameters = '', final] = match
    if (final === 'm' && /^[\d;:]*$/.test(parameters)) style = applySgr(style, parameters)
  }
  add(row.length)
  return ranges
}

/** Removes all escape sequences, for text that is copied. */
export function withoutSequences(text: string): string {
  return text.replaceAll(sequences, '')
}

/** Applies SGR, "select graphic rendition" (ECMA-48, 8.3.117), with the colours of xterm. */
function applySgr(before: TextStyle, parameters: string): TextStyle {
  let style = { ...before }
  const fields = parameters.split(';')
  for (let index = 0; index < fields.length; index++) {
    const [code = 0, ...details] = (fields[index] ?? '').split(':').map(Number)
    if (code === 38 || code === 48) {
      // Either 38:5:208 or 38;5;208.
      const hasColons = details.length > 0
      const values = hasColons ? details : fields.slice(index + 1, index + 5).map(Number)
      if (!hasColons) index += values[0] === 5 ? 2 : values[0] === 2 ? 4 : 0
      style[code === 38 ? 'color' : 'background'] = extendedColor(values, hasColons)
    } else if (code === 0) style = {}
    else if (code === 1) style.bold = true
    else if (code === 2) style.dim = true
    else if (code === 3) style.italic = true
    else if (code === 4) style.underline = details[0] !== 0
    else if (code === 7) style.inverse = true
    else if (code === 9) style.strike = true
    else if (code === 21) style.underline = true
    else if (code === 22) Object.assign(style, { bold: false, dim: false })
    else if (code === 23) style.italic = false
    else if (code === 24) style.underline = false
    else if (code === 27) style.inverse = false
    else if (code === 29) style.strike = false
    else if (code === 39) style.color = undefined
    else if (code === 49) style.background = undefined
    else if (code >= 30 && code <= 37) style.color = paletteColor(code - 30)
    else if (code >= 40 && code <= 47) style.background = paletteColor(code - 40)
    else if (code >= 90 && code <= 97) style.color = paletteColor(code - 82)
    else if (code >= 100 && code <= 107) style.background = paletteColor(code - 92)
  }
  return style
}

/**
 * @param values  5 and a colour number, or 2 and red, green, blue.
 * @param hasColons  whether colons separated the values; then a colour space may come before red.
 */
function extendedColor(values: number[], hasColons: boolean): string | undefined {
  const [kind, ...rest] = values
  if (kind === 5) return paletteColor(rest[0] ?? -1)
  if (kind !== 2) return undefined
  return rgb(hasColons ? rest.slice(rest.length > 3 ? 1 : 0, rest.length > 3 ? 4 : 3) : rest)
}

function paletteColor(number: number): string | undefined {
  if (number < 0 || number > 255) return undefined
  if (number < 16) return `var(--ansi-${number})`
  if (number >= 232) return rgb(Array(3).fill(8 + 10 * (number - 232)))
  const cube = number - 16
  const levels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]
  return rgb(levels.map((level) => (level === 0 ? 0 : 55 + 40 * level)))
}

function rgb(values: number[]): string | undefined {
  if (values.length !== 3 || values.some((value) => !(value >= 0 && value <= 255))) return undefined
  return `rgb(${values.join(' ')})`
}
