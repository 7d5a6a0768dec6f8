// Splits a TAP file into lines, removes terminal colours and the prefixes of the kernel's log, and classifies lines.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOUR = /\x1b\[[0-9;]*[A-Za-z]/g
/** The prefix of dmesg: `<6>[   12.345678] `, sometimes with the id of the thread. */
const KERNEL_TIME = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? /
const VERSION_IN_KERNEL_LOG = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? K?TAP version \d/m

/** TAP 14 treats CR, LF and CRLF alike. */
export function splitLines(text: string): string[] {
  const plain = text.replace(/^\uFEFF/, '').replace(COLOUR, '')
  const lines = plain.split(/\r\n|\n|\r/)
  return isKernelLog(text) ? lines.map((line) => line.replace(KERNEL_TIME, '')) : lines
}

/** Whether the text is a kernel log that contains TAP. */
export function isKernelLog(text: string): boolean {
  return VERSION_IN_KERNEL_LOG.test(text)
}

/** The content of a line. `other`: not TAP. */
export type TapLine =
  | { kind: 'version'; isKtap: boolean }
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
/** cmocka writes a tab before the plan. */
const PLAN = /^\t?1\.\.(\d+)(?![^\s#])(.*)$/
/** Old Perl style: the plan lists the tests that are TODO. */
const PLANNED_TODO = /^todo\s([\d\s]*);?$/i
const TEST = /^(not )?ok(?=[\s#]|$)(?:[ \t]+(\d+)(?![^\s#]))?[ \t]*(.*)$/
const BAIL_OUT = /^Bail out!\s*(.*)$/i
const SUBTEST = /^#\s*Subtest(?::\s*(.*))?$/

/** @param line  without its indentation. */
export function readContent(line: string): TapLine {
  const version = VERSION.exec(line)
  if (version) return { kind: 'version', isKtap: version[1] !== '' }
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

function readPlan(line: string): TapLine | undefined {
  const [, count, rest = ''] = PLAN.exec(line) ?? []
  if (count === undefined) return undefined
  const text = rest.trim()
  const note = text.startsWith('#') ? text.slice(1).trim() : ''
  const todo = PLANNED_TODO.exec(text)?.[1]
  if (text !== '' && !text.startsWith('#') && todo === undefined) return undefined
  return { kind: 'plan', count: Number(count), note, todo: todo?.match(/\d+/g)?.map(Number) ?? [] }
}
