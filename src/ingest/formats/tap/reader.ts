// Reads the lines of a TAP file into streams. It does not check whether they are complete; see check-plans.ts.

import { readDescription, readTime } from './directives'
import { newFindings } from './findings'
import { beginComments, type Level, Levels } from './levels'
import { readContent, type TapLine } from './lines'
import { isComplete, type Point, type Stream } from './streams'
import { indentationOf } from './yaml'
import { YamlBlock } from './yaml-block'

/** Levels of TAP quoted in comments of TAP. */
const MAX_QUOTES = 5

type OnLevel = Extract<TapLine, { kind: 'version' | 'plan' | 'test' | 'subtest' }>
type TapContent = Exclude<TapLine, { kind: 'other' | 'comment' | 'block' | 'pragma' }>

export class TapReader {
  readonly findings = newFindings()
  readonly #levels = new Levels<TapReader>((level) => this.#unquote(level))
  #hasBailedOut = false
  readonly #yaml = new YamlBlock((line) => this.findings.unclosed.push(line))

  /** @param quotes  the level of quoting: 0 for the file itself. */
  constructor(readonly quotes = 0) {}

  /** @param next  the following line, if any. */
  read(line: string, number: number, next: string | undefined): void {
    const indent = indentationOf(line)
    if (this.#yaml.takes(line, indent)) return
    const content = readContent(line.slice(indent).trimEnd())
    if (this.#hasBailedOut) {
      if (content.kind === 'test') this.findings.afterBailOut++
      else if (content.kind === 'comment') this.#levels.top.comments.push(content.text)
    } else if (content.kind === 'comment') this.#readComment(content.text, indent, number, next)
    else if (content.kind === 'block') this.#openBlock(indent, number)
    else if (content.kind === 'other') this.#readOther(content.text, indent, number)
    else if (content.kind !== 'pragma') this.#readTap(content, indent, number, next)
  }

  /** @returns the streams that are not empty */
  end(): Stream[] {
    this.#yaml.end()
    this.#levels.finish()
    return this.#levels.streams.filter(({ plan, points, comments, truncated }) => {
      // `1..2` in a comment may not be a plan.
      const isPlanned = plan !== null && (this.quotes === 0 || this.findings.isVersioned)
      const isStream = isPlanned || points.length > 0 || truncated.length > 0
      if (!isStream) for (const some of comments) this.findings.comments.push(...some)
      return isStream
    })
  }

  #readTap(content: TapContent, indent: number, number: number, next: string | undefined): void {
    if (content.kind === 'bail-out') {
      this.findings.bailOuts.push({ line: number, reason: content.reason })
      this.#hasBailedOut = true
      return
    }
    const isDeeper = indent > this.#levels.top.indent
    if (isDeeper && !this.#mayEnter(content)) this.#leaveOut(number)
    else if (content.kind === 'brace') this.#readBrace(content.opens, indent, number)
    else this.#readOnItsLevel(content, indent, number, next)
  }

  #readOnItsLevel(content: OnLevel, indent: number, number: number, next: string | undefined): void {
    const inherits = this.#levels.leave((level) => level.indent > indent)
    if (content.kind === 'subtest') {
      this.#readName(content.name, indent)
      return
    }
    if (indent > this.#levels.top.indent) this.#levels.enter(indent, { inherits })
    if (content.kind === 'version') this.#readVersion(content.isKtap)
    else if (content.kind === 'plan') this.#readPlan(content, number)
    else this.#readTest(content, next)
  }

  /** Whether a deeper line begins a subtest. A mere `  ok` may be output of a program. */
  #mayEnter(content: TapContent): boolean {
    if (this.#levels.isDeepest || content.kind === 'brace') return false
    if (content.kind !== 'test') return true
    return content.number !== null || /^-\s/.test(content.rest) || this.#levels.top.nextName !== null
  }

  #readVersion(isKtap: boolean): void {
    this.findings.isVersioned = true
    this.findings.isKtap ||= isKtap
    const level = this.#levels.top
    if (level.stream.plan === null && level.stream.points.length === 0) return
    // Concatenated files, or the output of several programs.
    if (this.#levels.isOutermost) this.#restart('', false)
    else {
      this.#levels.leave((one) => one === level)
      this.#levels.enter(level.indent)
    }
  }

  #restart(name: string, isFromProve: boolean): void {
    this.#levels.finish()
    this.#levels.begin(name, isFromProve)
  }

  #readPlan(plan: TapLine & { kind: 'plan' }, number: number): void {
    const { stream } = this.#levels.top
    if (stream.plan !== null && !this.#levels.isOutermost) {
      this.#leaveOut(number)
      return
    }
    // A second plan means concatenated files. If it is one file, the first stream shows that tests are missing.
    if (stream.plan !== null) this.#restart('', stream.isFromProve)
    const level = this.#levels.top
    level.stream.plan = plan.count
    level.stream.planNote = plan.note
    level.stream.isPlanLast = level.lastPoint !== null
    level.todo = new Set(plan.todo)
    level.comments = beginComments(level.stream)
  }

  #readTest(test: TapLine & { kind: 'test' }, next: string | undefined): void {
    const before = this.#levels.top.stream
    const isWhole = isComplete(before)
    // prove ends the output of a program with this line.
    if (before.isFromProve && isWhole && test.number === null && test.rest === '') return
    if (this.#levels.isOutermost && isWhole && before.isPlanLast && test.number === 1)
      this.#restart('', false)
    const level = this.#levels.top
    const opens = next !== undefined && /(?:^|\s)\{$/.test(test.rest) && isInside(next, level.indent)
    const rest = opens ? test.rest.slice(0, -1).trimEnd() : test.rest
    const point: Point = {
      ...readDescription(rest),
      fails: test.fails,
      number: test.number ?? (level.lastPoint?.number ?? 0) + 1,
      hasDash: /^-(\s|$)/.test(rest),
      yaml: null,
      before: level.comments,
      after: beginComments(level.stream),
      subtests: [...level.pending.splice(0), ...this.#unquote(level)],
    }
    point.title ||= level.nextName ?? point.subtests.at(-1)?.name ?? ''
    if (level.todo.has(point.number)) point.directive ??= 'todo'
    Object.assign(level, { lastPoint: point, comments: point.after, nextName: null })
    level.stream.points.push(point)
    level.stream.numbers.add(point.number)
    if (opens) this.#levels.enterBraces(point, Math.max(indentationOf(next), level.indent + 1))
  }

  /** `{` may be on a line of its own, after the YAML of a test, instead of at the end of the test's line. */
  #readBrace(opens: boolean, indent: number, number: number): void {
    if (!opens && this.#levels.closeBrace(indent)) return
    const { lastPoint: last, indent: own } = this.#levels.top
    if (opens && last && own === indent) this.#levels.enterBraces(last, indent + 4)
    else this.#leaveOut(number)
  }

  #readName(name: string, indent: number): void {
    const level = this.#levels.top
    const { stream } = level
    if (indent <= level.indent) {
      const isEmpty = stream.points.length === 0 && stream.plan === null && stream.name === ''
      // The kernel names the subtest that has begun, below its version line; node names the next one.
      if (isEmpty && !this.#levels.isOutermost) stream.name = name
      else expectNext(level, name)
      return
    }
    if (this.#levels.isDeepest) return
    // Perl writes the name of a subtest with the indentation of its tests.
    const isOwn = level.nextName === null
    if (isOwn) expectNext(level, name)
    this.#levels.enter(indent)
    if (!isOwn) expectNext(this.#levels.top, name)
  }

  #readComment(text: string, indent: number, number: number, next: string | undefined): void {
    const level = this.#levels.top
    const begins = /^(?:K?TAP version \d|1\.\.\d+(?:\s|$))/i.test(text)
    if (begins && this.quotes < MAX_QUOTES) level.quotedReader ??= new TapReader(this.quotes + 1)
    if (level.quotedReader) {
      level.quotedReader.read(text, number, next?.trimStart().replace(/^# ?/, ''))
      return
    }
    level.comments.push(text)
    if (text.startsWith('random seed: ')) level.stream.isGlib = true
    if (indent > 0 || !/^(?:time=|duration_ms )/.test(text)) return
    const seconds = readTime(text.replace(/^duration_ms ([\d.]+)$/, 'time=$1ms'))
    this.findings.elapsed = seconds ?? this.findings.elapsed
  }

  #unquote(level: Level<TapReader>): Stream[] {
    const { quotedReader } = level
    level.quotedReader = null
    if (!quotedReader) return []
    const streams = quotedReader.end()
    this.findings.bailOuts.push(...quotedReader.findings.bailOuts)
    this.findings.unclosed.push(...quotedReader.findings.unclosed)
    this.findings.comments.push(...quotedReader.findings.comments)
    return streams
  }

  #openBlock(indent: number, number: number): void {
    const { lastPoint: last, indent: own } = this.#levels.top
    if (!last || last.yaml || indent <= own) {
      this.#leaveOut(number)
      return
    }
    last.yaml = []
    this.#yaml.open(last.yaml, indent, number)
  }

  /**
   * Reads a line that is not TAP. prove writes headings and a verdict. The kernel prints failed expectations on several
   * lines, and mocha prints details below a failed test; both count as comments.
   */
  #readOther(text: string, indent: number, number: number): void {
    if (text === '') return
    const [, heading, skipped] = (indent === 0 && /^(\S+) \.{2,}(?: skipped: (.*))?$/.exec(text)) || []
    if (heading !== undefined) {
      this.#restart(heading, true)
      if (skipped !== undefined) Object.assign(this.#levels.top.stream, { plan: 0, planNote: skipped })
      return
    }
    const { stream, comments, lastPoint: last, indent: own } = this.#levels.top
    if (stream.isFromProve && /^(?:Dubious, test returned|Result: (?!PASS))/.test(text)) {
      this.findings.dubious ??= number
    }
    const isBelow = indent > own && last !== null && last.fails && last.yaml === null
    if (this.findings.isKtap || this.quotes > 0) comments.push(text)
    else if (isBelow) comments.push(' '.repeat(indent - own) + text)
    else this.#leaveOut(number)
  }

  #leaveOut(number: number): void {
    if (this.findings.noise.count++ === 0) this.findings.noise.first = number
  }
}

function expectNext(level: Level<TapReader>, name: string): void {
  level.stream.truncated.push(...level.pending.splice(0))
  level.nextName = name
}

function isInside(next: string, indent: number): boolean {
  const inner = indentationOf(next)
  return inner > indent ? next.trim() !== '---' : inner === indent && next.trim() === '}'
}
