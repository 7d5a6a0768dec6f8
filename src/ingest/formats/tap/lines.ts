// The lines of a TAP file, as its producer wrote them: what a terminal or the kernel's log put around them is taken off.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOUR = /\x1b\[[0-9;]*[A-Za-z]/g
/** As dmesg prints: `<6>[   12.345678] `, with the thread that printed it, too. */
const KERNEL_TIME = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? /
const VERSION_IN_KERNEL_LOG = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? K?TAP version \d/m

/** TAP 14 wants CR, LF and CRLF read alike. */
export function splitLines(text: string): string[] {
  const plain = text.replace(/^\uFEFF/, '').replace(COLOUR, '')
  const lines = plain.split(/\r\n|\n|\r/)
  return isKernelLog(text) ? lines.map((line) => line.replace(KERNEL_TIME, '')) : lines
}

/** Whether this is, or begins, the kernel's log of TAP. */
export function isKernelLog(text: string): boolean {
  return VERSION_IN_KERNEL_LOG.test(text)
}

/** What stands on a line of TAP. Everything else is nobody's. */
export type Content =
  | { kind: 'version'; isKernels: boolean }
  | { kind: 'plan'; count: number; note: string; todo: number[] }
  | { kind: 'test'; fails: boolean; number: number | null; rest: string }
  | { kind: 'bail-out'; reason: string }
  | { kind: 'subtest'; name: string }
  | { kind: 'comment'; text: string }
  | { kind: 'block' }
  | { kind: 'brace'; opens: boolean }
  | { kind: 'pragma' }
  | { kind: 'other'; text: string }

const VERSION = /^(K?)TAP version \d+\s*$/i
/** Behind a tab as cmocka writes it. */
const PLAN = /^\t?1\.\.(\d+)(?![^\s#])(.*)$/
/** Perl's, before directives: which of the tests are TODO. */
const PLANNED_TODO = /^todo\s([\d\s]*);?$/i
const TEST = /^(not )?ok(?=[\s#]|$)(?:[ \t]+(\d+)(?![^\s#]))?[ \t]*(.*)$/
const BAIL_OUT = /^Bail out!\s*(.*)$/i
const SUBTEST = /^#\s*Subtest(?::\s*(.*))?$/

/** @param line  without its indentation. */
export function readContent(line: string): Content {
  const version = VERSION.exec(line)
  if (version) return { kind: 'version', isKernels: version[1] !== '' }
  if (line.startsWith('#')) {
    const name = SUBTEST.exec(line)
    return name
      ? { kind: 'subtest', name: name[1]?.trim() ?? '' }
      : { kind: 'comment', text: line.replace(/^# ?/, '') }
  }
  const plan = readPlan(line)
  if (plan) return plan
  const test = TEST.exec(line)
  if (test) {
    const [, not, number, rest = ''] = test
    return { kind: 'test', fails: not !== undefined, number: number ? Number(number) : null, rest }
  }
  const bailOut = BAIL_OUT.exec(line)
  if (bailOut) return { kind: 'bail-out', reason: bailOut[1]?.trim() ?? '' }
  if (/^---\s*$/.test(line)) return { kind: 'block' }
  if (/^[{}]\s*$/.test(line)) return { kind: 'brace', opens: line.startsWith('{') }
  return /^pragma [+-]/.test(line) ? { kind: 'pragma' } : { kind: 'other', text: line }
}

function readPlan(line: string): Content | undefined {
  const [, count, rest = ''] = PLAN.exec(line) ?? []
  if (count === undefined) return undefined
  const text = rest.trim()
  const note = text.startsWith('#') ? text.slice(1).trim() : ''
  const todo = PLANNED_TODO.exec(text)?.[1]
  if (text !== '' && !text.startsWith('#') && todo === undefined) return undefined
  return { kind: 'plan', count: Number(count), note, todo: todo?.match(/\d+/g)?.map(Number) ?? [] }
}
