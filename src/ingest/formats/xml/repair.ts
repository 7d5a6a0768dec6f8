// Repairs documents that are nearly XML: the writer died before the end, or did not escape `&` and `<`.

/** Start and end of sections that are copied without a look inside. */
const OPAQUE: [start: string, end: string][] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
]
const TAG = /<(\/?)([^\s<>/"'=!?&]+)(?=[\s/>])[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>/y
/** A tag that the end of the file cuts off. */
const CUT_TAG =
  /<\/?(?:[^\s<>/"'=!?&]+(?![^\s/])[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*(?:"[^"]*|'[^']*)?)?$/y
const DOCTYPE_END = /\]\s*>/g
const DECLARED = /<!ENTITY\s+([\w.-]+)/g
const REFERENCE = /&(#\d{1,9};|#x[0-9a-fA-F]{1,9};|[\w.:-]{1,60};)?/g

export interface Repaired {
  text: string
  /** The file ends before its elements are closed. */
  isCut: boolean
  /** Text after the end of the outermost element was left out. */
  hasTail: boolean
  /** How many documents follow each other. Several are wrapped in a <testsuites>. */
  roots: number
}

/** @param text  that the parser refuses. @returns undefined when it cannot be repaired */
export function repair(text: string): Repaired | undefined {
  const entities = new Set(['amp', 'lt', 'gt', 'quot', 'apos'])
  const pieces: string[] = []
  const open: string[] = []
  let roots = 0
  let hasDoctype = false
  let hasProblem = false
  let isCut = false
  let at = 0
  const isAfterRoot = () => roots > 0 && open.length === 0
  const take = (end: number, change = (piece: string) => piece) => {
    pieces.push(change(text.slice(at, end)))
    at = end
  }
  while (at < text.length && !isCut) {
    const start = text.indexOf('<', at)
    if (isAfterRoot() && start < 0) break
    take(start < 0 ? text.length : start, (piece) => escapeStrayAmpersands(piece, entities))
    if (start < 0) break
    const opaque = OPAQUE.find(([begin]) => text.startsWith(begin, at))
    if (opaque) {
      const [begin, finish] = opaque
      const end = text.indexOf(finish, at + begin.length)
      isCut = end < 0
      if (isCut) pieces.push(begin === '<![CDATA[' ? text.slice(at) + finish : '')
      else if (begin === '<?' && isAfterRoot()) at = end + finish.length
      else take(end + finish.length, begin === '<!--' ? separateDashes : undefined)
    } else if (text.startsWith('<!DOCTYPE', at)) {
      const end = endOfDoctype(text, at)
      if (end < 0 || roots > 0) return undefined
      hasDoctype = true
      for (const [, name = ''] of text.slice(at, end).matchAll(DECLARED)) entities.add(name)
      take(end)
    } else if (/[\s=<&\d]/.test(text[at + 1] ?? ' ') && at + 1 < text.length) {
      pieces.push('&lt;')
      at++
    } else readTag()
    if (at < 0) return undefined
  }
  isCut ||= open.length > 0
  if (roots === 0 || (roots > 1 && hasDoctype)) return undefined
  for (const name of open.reverse()) {
    if (isTestcase(name) && !hasProblem) pieces.push('<error message="The file ends within this test."/>')
    pieces.push(`</${name}>`)
  }
  const repaired = roots > 1 ? `<testsuites>${pieces.join('')}</testsuites>` : pieces.join('')
  const hasTail = !isCut && text.slice(at).trim() !== ''
  return repaired === text ? undefined : { text: repaired, isCut, hasTail, roots }

  function readTag(): void {
    TAG.lastIndex = at
    const [tag, slash, name = ''] = TAG.exec(text) ?? []
    if (tag === undefined) {
      CUT_TAG.lastIndex = at
      isCut = CUT_TAG.test(text)
      if (!isCut) at = -1
      return
    }
    if (slash !== '' && open.pop() !== name) {
      at = -1
      return
    }
    take(
      at + tag.length,
      (piece) => `<${escapeStrayAmpersands(piece.slice(1).replaceAll('<', '&lt;'), entities)}`,
    )
    if (slash !== '') return
    if (open.length === 0) roots++
    if (isTestcase(name)) hasProblem = false
    else if (/(?:failure|error)$/i.test(name)) hasProblem = true
    if (!tag.endsWith('/>')) open.push(name)
  }
}

function isTestcase(name: string): boolean {
  return name.slice(name.indexOf(':') + 1).toLowerCase() === 'testcase'
}

function endOfDoctype(text: string, start: number): number {
  const end = text.indexOf('>', start)
  const subset = text.slice(start, end).indexOf('[')
  if (end < 0 || subset < 0) return end < 0 ? -1 : end + 1
  DOCTYPE_END.lastIndex = start + subset
  return DOCTYPE_END.test(text) ? DOCTYPE_END.lastIndex : -1
}

/** A comment must not contain two dashes in a row. */
function separateDashes(comment: string): string {
  return `<!--${comment.slice(4, -3).replace(/-(?=-|$)/g, '- ')}-->`
}

/** Escapes each `&` that begins no known reference: `a & b`, `&nbsp;`. */
function escapeStrayAmpersands(text: string, entities: ReadonlySet<string>): string {
  return text.replace(REFERENCE, (whole, reference?: string) => {
    const isKnown = reference?.startsWith('#') || (reference && entities.has(reference.slice(0, -1)))
    return isKnown ? whole : `&amp;${reference ?? ''}`
  })
}
