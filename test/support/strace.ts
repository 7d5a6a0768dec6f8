// Looks at, or meddles with, the system calls of a running server.

import type { Serving } from './binary'

/** `await using strace = await Strace.attach(...)`: from then on, and until the end of the block. */
export class Strace {
  private constructor(private readonly child: Bun.Subprocess) {}

  /** @param options  of strace, beside those that name the process and all of its threads. */
  static async attach(server: Serving, ...options: string[]): Promise<Strace> {
    const child = Bun.spawn(['strace', '-f', '-p', String(server.child.pid), ...options], {
      stdout: 'ignore',
      stderr: 'pipe',
    })
    let said = ''
    const decoder = new TextDecoder()
    const reader = child.stderr.getReader() // never let go: strace would end with its pipe
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      said += decoder.decode(read.value)
      if (said.includes('attached')) return new Strace(child)
    }
    throw new Error(`strace is needed (Debian: apt-get install strace), and the right to trace: ${said}`)
  }

  /** Lets these calls on this file fail, and all others pass. */
  static failing(server: Serving, path: string, calls: string, error: string): Promise<Strace> {
    return Strace.attach(server, '-P', path, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGINT')
    await this.child.exited
  }
}

/** A call on a file, the first, the second and so on: at whose beginning a program is killed. */
export interface Moment {
  call: string
  file: string
  nth: number
}

/** @returns a command that runs another one and kills it with -9 before that call does anything. */
export function killedAt({ call, file, nth }: Moment, command: string[]): string[] {
  const which = ['-P', file, '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`]
  return ['strace', '-f', '-qq', '-o', '/dev/null', ...which, ...command]
}

/** A system call that succeeded. */
export interface SystemCall {
  name: string
  /** What the first argument stands for: the path of a file, `socket:[1234]`. */
  file: string
  /** The first text among the arguments: what was read or written. */
  data: string
  /** When it began and ended, as positions in one order of all calls. strace holds a thread at both moments, so what
   * follows from the end of a call comes after it. */
  begin: number
  end: number
}

/** Reads what `strace -f -y -o FILE` wrote, in the order in which the calls began. */
export function readTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { text: string; begin: number }>()
  for (const [position, line] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { text: rest.slice(0, -'<unfinished ...>'.length), begin: position })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const started = resumed ? unfinished.get(thread) : undefined
    const { text, begin } = started ?? { text: '', begin: position }
    const [, name, file = '', more = ''] =
      /^(\w+)\(\d+<([^>]*)>(.*) = \d+$/.exec(`${text}${resumed?.[1] ?? rest}`) ?? []
    if (name === undefined) continue
    const data = bytesOf(/"((?:[^"\\]|\\.)*)"/.exec(more)?.[1] ?? '')
    calls.push({ name, file, data, begin, end: position })
  }
  return calls.sort((a, b) => a.begin - b.begin)
}

const LETTERS: Record<string, string> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f' }

/** The bytes that strace writes as C does, each as one character. */
function bytesOf(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /\d/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (LETTERS[code] ?? code),
  )
}
