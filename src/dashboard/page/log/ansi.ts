// The escape sequences of terminals in a row of a log: colours are understood, all others dropped.

/** How a piece of text looks. Colours are CSS. */
export interface Look {
  color?: string | undefined
  background?: string | undefined
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
  strike?: boolean
  inverse?: boolean
}

export interface Piece {
  /** Bytes of the row. */
  start: number
  end: number
  look: Look
}

const ESC = '\\x1b'
/** Ends within the row or is none: what has no end would hide the rest. */
const STRING_SEQUENCE = `${ESC}[\\]PX^_][^\\x07\\x1b]*(?:\\x07|${ESC}\\\\)`
const CONTROL_SEQUENCE = `${ESC}\\[([0-?]*)[ -/]*([@-~])`
const SHORT_SEQUENCE = `${ESC}[ -/]*[0-~]`
const sequences = new RegExp(`${CONTROL_SEQUENCE}|${STRING_SEQUENCE}|${SHORT_SEQUENCE}`, 'g')

/** @param row  one character a byte. @returns the pieces that are text. */
export function parseAnsi(row: string): Piece[] {
  const pieces: Piece[] = []
  let look: Look = {}
  let start = 0
  const add = (end: number) => {
    if (end > start) pieces.push({ start, end, look })
  }
  for (const match of row.matchAll(sequences)) {
    add(match.index)
    start = match.index + match[0].length
    const [, parameters = '', final] = match
    if (final === 'm' && /^[\d;:]*$/.test(parameters)) look = changedLook(look, parameters)
  }
  add(row.length)
  return pieces
}

/** Text without them, for taking along. */
export function withoutSequences(text: string): string {
  return text.replaceAll(sequences, '')
}

/** By SGR, "select graphic rendition" (ECMA-48, 8.3.117), with the colours of xterm. */
function changedLook(before: Look, parameters: string): Look {
  let look = { ...before }
  const fields = parameters.split(';')
  for (let index = 0; index < fields.length; index++) {
    const [code = 0, ...details] = (fields[index] ?? '').split(':').map(Number)
    if (code === 38 || code === 48) {
      // As in 38:5:208, or as in 38;5;208.
      const inside = details.length > 0
      const values = inside ? details : fields.slice(index + 1, index + 5).map(Number)
      if (!inside) index += values[0] === 5 ? 2 : values[0] === 2 ? 4 : 0
      look[code === 38 ? 'color' : 'background'] = largeColor(values, inside)
    } else if (code === 0) look = {}
    else if (code === 1) look.bold = true
    else if (code === 2) look.dim = true
    else if (code === 3) look.italic = true
    else if (code === 4) look.underline = details[0] !== 0
    else if (code === 7) look.inverse = true
    else if (code === 9) look.strike = true
    else if (code === 21) look.underline = true
    else if (code === 22) Object.assign(look, { bold: false, dim: false })
    else if (code === 23) look.italic = false
    else if (code === 24) look.underline = false
    else if (code === 27) look.inverse = false
    else if (code === 29) look.strike = false
    else if (code === 39) look.color = undefined
    else if (code === 49) look.background = undefined
    else if (code >= 30 && code <= 37) look.color = paletteColor(code - 30)
    else if (code >= 40 && code <= 47) look.background = paletteColor(code - 40)
    else if (code >= 90 && code <= 97) look.color = paletteColor(code - 82)
    else if (code >= 100 && code <= 107) look.background = paletteColor(code - 92)
  }
  return look
}

/** @param values  5 and a number, or 2 and red, green, blue, in the form with colons after an optional colour space. */
function largeColor(values: number[], inside: boolean): string | undefined {
  const [kind, ...rest] = values
  if (kind === 5) return paletteColor(rest[0] ?? -1)
  if (kind !== 2) return undefined
  return rgb(inside ? rest.slice(rest.length > 3 ? 1 : 0, rest.length > 3 ? 4 : 3) : rest)
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
