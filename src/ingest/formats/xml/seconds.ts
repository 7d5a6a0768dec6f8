// Parses durations in the number formats of all countries. `1,234` is one second or twenty minutes. The file itself
// decides: by suites whose time is the sum of their tests, or by numbers that can be read in one way only.

/** The time of a suite and the times of its tests. */
export interface TimeGroup {
  total: string
  parts: string[]
}

/** Whether a comma, or a dot, before three digits separates thousands (`group`) or precedes the decimals. */
interface NumberFormat {
  comma: 'group' | 'decimal'
  dot: 'group' | 'decimal'
}

/** The first of the best formats is used: Surefire writes `1,234.5`. */
const NUMBER_FORMATS: NumberFormat[] = [
  { comma: 'group', dot: 'decimal' },
  { comma: 'decimal', dot: 'decimal' },
  { comma: 'decimal', dot: 'group' },
]
const MAX_LENGTH = 40

const PLAIN = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const AMBIGUOUS_COMMA = /^[1-9]\d{0,2},\d{3}$/
const AMBIGUOUS_DOT = /^[1-9]\d{0,2}\.\d{3}$/
const DECIMAL_COMMA = /^\d*,\d+(?:e[+-]?\d+)?$/i
const COMMA_GROUPS = /^\d{1,3}(?:(?:,\d{3}){2,}|(?:,\d{2,3})*,\d{3}\.\d*)$/
const DOT_GROUPS = /^\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d*)$/
/** Groups separated by blanks of several kinds or by the Swiss apostrophe. */
const OTHER_GROUPS = /^\d{1,3}(?:[ \u00a0\u2009\u202f'\u2019]\d{3})+(?:[.,]\d*)?$/

/** Finds how to read the numbers of a file. @returns a function from text to seconds; undefined: not a number */
export function readerOfSeconds(groups: TimeGroup[]): (text: string) => number | undefined {
  const format = numberFormatOf(groups)
  return (text) => toSeconds(text, format)
}

function numberFormatOf(groups: TimeGroup[]): NumberFormat {
  const [first] = NUMBER_FORMATS as [NumberFormat]
  if (!groups.some(({ total, parts }) => total.includes(',') || parts.some((part) => part.includes(','))))
    return first
  const fits = NUMBER_FORMATS.map((format) => groups.filter((group) => isSum(group, format)).length)
  const maxFits = Math.max(...fits)
  const best = NUMBER_FORMATS.filter((_, index) => fits[index] === maxFits)
  return best.length === 1 ? (best[0] ?? first) : byEvidence(groups, best)
}

/** Tolerates 0.005 s for each rounded number, and a tenth of the total for work between tests. */
function isSum({ total, parts }: TimeGroup, format: NumberFormat): boolean {
  const whole = toSeconds(total, format)
  if (whole === undefined || parts.length === 0) return false
  let sum = 0
  for (const part of parts) sum += toSeconds(part, format) ?? 0
  return Math.abs(whole - sum) <= 0.1 * Math.max(whole, sum) + 0.005 * (parts.length + 1)
}

/** Chooses the format that the unambiguous numbers of the file show. */
function byEvidence(groups: TimeGroup[], best: NumberFormat[]): NumberFormat {
  let commas = 0
  let dots = 0
  for (const { total, parts } of groups) {
    for (const text of [total, ...parts]) {
      if (isDecimalComma(text.trim())) commas++
      if (isDecimalDot(text.trim())) dots++
    }
  }
  const comma = commas > 0 && dots === 0 ? 'decimal' : 'group'
  return best.find((format) => format.comma === comma) ?? (best[0] as NumberFormat)
}

function isDecimalComma(text: string): boolean {
  if (text.length > MAX_LENGTH || !text.includes(',')) return false
  return (
    (DECIMAL_COMMA.test(text) && !AMBIGUOUS_COMMA.test(text)) || (DOT_GROUPS.test(text) && text.includes(','))
  )
}

function isDecimalDot(text: string): boolean {
  if (text.length > MAX_LENGTH || !text.includes('.')) return false
  return (PLAIN.test(text) && !AMBIGUOUS_DOT.test(text)) || COMMA_GROUPS.test(text)
}

function toSeconds(given: string, { comma, dot }: NumberFormat): number | undefined {
  const text = given.trim()
  if (text.length > MAX_LENGTH) return undefined
  const plain = toPlain(text)
  const number = plain !== undefined && PLAIN.test(plain) ? Number(plain) : Number.NaN
  return Number.isFinite(number) ? number : undefined

  function toPlain(text: string): string | undefined {
    if (AMBIGUOUS_COMMA.test(text)) return text.replace(',', comma === 'group' ? '' : '.')
    if (AMBIGUOUS_DOT.test(text)) return dot === 'group' ? text.replace('.', '') : text
    if (PLAIN.test(text)) return text
    if (COMMA_GROUPS.test(text)) return text.replaceAll(',', '')
    if (DOT_GROUPS.test(text)) return text.replaceAll('.', '').replace(',', '.')
    if (OTHER_GROUPS.test(text)) return text.replace(/[^\d.,]/g, '').replace(',', '.')
    return DECIMAL_COMMA.test(text) ? text.replace(',', '.') : undefined
  }
}
