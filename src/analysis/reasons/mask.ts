// Turns a fail reason into its template: the text without what differs from run to run. Failures with one template have
// one cause, most likely.
//
// A reason is a text of strangers, so each pattern must take linear time on any text: within a run of characters, a part
// that repeats begins at one place only. A lookahead keeps each lookbehind away from all other places.
// test/analysis/reasons/mask.test.ts measures that.

/** In UTF-16 code units. What differs later does not matter. */
export const MAX_LENGTH = 4096

/** What stands for a value on the wire. */
export const VALUE = '<*>'

/** Names with digits that do not differ from run to run. */
const NAMES = [
  'x86_64',
  'x86',
  'i386',
  'i686',
  'aarch64',
  'arm64',
  'ppc64le',
  'ppc64',
  's390x',
  'riscv64',
  'ipv4',
  'ipv6',
  'qcow2',
  'ext[234]',
  'sha256',
  'sha1',
  'md5',
  'utf-?8',
  'e1000e?',
  'q35',
  'base64',
  'python3',
  'int(?:8|16|32|64)',
  'virtio[0-9]?',
]
/** The number after these words says what went wrong. */
const TELLING = 'exit (?:status|code)|return code|returned|rc|signal|errno|status code|HTTP'

/**
 * Patterns with what is put in place of a match, in the order in which they are applied. Names in angle brackets are
 * marks: the word becomes a value, but for <line> and <offset>. White space is one space by then.
 */
const beforeHost: readonly (readonly [RegExp, string])[] = [
  // [   12.345678], of the kernel's log
  [/\[ ?\d+\.\d{3,6}\]/g, '<time>'],
  // Mon, 12 Jan 2026 10:00:00 UTC
  [
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d+ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d+ (?:\d\d:\d\d:\d\d)?(?: \w{3,4})?(?: \d{4})?/g,
    '<time>',
  ],
  // disk.c:123, with folders, but not from the root: a path of the machine differs
  [/(?=:\d)(?<=(?<![\w/])(?:[\w-]+\/)*[\w-]+\.(?:c|h|cc|cpp|py|rs|go|S|sh|pl)):\d+/g, ':<line>'],
  [
    /\b\d{4}-\d\d-\d\d[T _]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g,
    '<time>',
  ],
  [/\b[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\b/g, '<uuid>'],
  [/\b(?:[\da-fA-F]{2}:){5}[\da-fA-F]{2}\b/g, '<mac>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<ip>'],
  // kvm_mmu_page_fault+0x9b/0x6a0
  [/(?=\+0x)(?<=[A-Za-z_][\w.]*)\+0x[\da-fA-F]+(?:\/0x[\da-fA-F]+)?/g, '+<offset>'],
  [/\b0x[\da-fA-F]+\b/g, '<hex>'],
  // Words of hexadecimal digits with at least one letter and one number
  [/\b(?=\d*[a-f])(?=[a-f]*\d)[\da-f]{8,}\b/g, '<hex>'],
  // Paths, but for those that are the same on each machine
  [/(?<![\w/])\/(?!usr\/|bin\/|sbin\/|lib|etc\/|proc\/|sys\/)[\w.+@-]+(?:\/[\w.+@:-]+)+/g, '<path>'],
  [/\b(?:[shv]d|xvd)[a-z]{1,2}\d*\b|\bnvme\d+n\d+(?:p\d+)?\b/g, '<disk>'],
]

/** Numbers, after the names and the telling words whose numbers stay. */
const NUMBER = new RegExp(`(\\b(?:${NAMES.join('|')})\\b|\\b(?:${TELLING})[ =:]*-?\\d+)|\\d+`, 'gi')

const MARK = /<(?:time|uuid|mac|ip|hex|path|disk|n|host)>/
const OFFSET = '+<offset>'

/**
 * The template of a fail reason: a text of words, with `<*>` for values.
 *
 * A host is masked in the reasons of its own jobs only, because the name of another one says what went wrong. So one text
 * may have two templates. The template without a host belongs to the text; where a job's host is in the text, see
 * {@link namesHost}, that run has another. Both are functions of the text and the host alone, never of which run came first.
 *
 * @param host  where the job of this run was.
 */
export function maskReason(reason: string, host?: string | null): string {
  let text = beginningOf(reason).replace(/\s+/g, ' ').trim()
  for (const [pattern, mark] of beforeHost) text = text.replace(pattern, mark)
  if (host) text = maskHost(text, host)
  text = text.replace(NUMBER, (_number: string, kept: string | undefined) => kept ?? '<n>')
  return joinWords(text)
}

/** Whether the template of this reason may be another one for jobs of this host. */
export function namesHost(reason: string, host: string): boolean {
  return host !== '' && beginningOf(reason).includes(host)
}

/** The part that is looked at. Half a word would make two templates of one. */
function beginningOf(reason: string): string {
  if (reason.length <= MAX_LENGTH) return reason
  const beginning = reason.slice(0, MAX_LENGTH)
  return /\s/.test(reason.charAt(MAX_LENGTH)) ? beginning : beginning.slice(0, lastSpace(beginning))
}

function lastSpace(text: string): number {
  for (let at = text.length - 1; at > 0; at--) if (/\s/.test(text.charAt(at))) return at
  return text.length
}

const WORD_CHARACTER = /\w/

/** Replaces the name, but not within a longer word: "rack1" is not part of "rack12". */
function maskHost(text: string, host: string): string {
  const isPart = (character: string | undefined) => character !== undefined && WORD_CHARACTER.test(character)
  let masked = ''
  let done = 0
  for (let at = text.indexOf(host); at >= 0; at = text.indexOf(host, at + host.length)) {
    if (isPart(text[at - 1]) || isPart(text[at + host.length])) continue
    masked += `${text.slice(done, at)}<host>`
    done = at + host.length
  }
  return masked + text.slice(done)
}

/** A word with a mark is a value as a whole, and values side by side are one. */
function joinWords(text: string): string {
  const words: string[] = []
  for (const word of text.split(' ')) {
    const put = templateWord(word)
    if (put !== VALUE || words.at(-1) !== VALUE) words.push(put)
  }
  return words.join(' ')
}

/** The symbol tells where the kernel was; the segment before it, as in "0010:kvm_mmu_page_fault", does not. */
function templateWord(word: string): string {
  if (word.includes(OFFSET)) return word.replace(/^<n>:/, '')
  return MARK.test(word) ? VALUE : word
}
