// Requests of every kind to the compiled binary, by its own OpenAPI document; what was wrong with the answers.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import fc from 'fast-check'
import type { Folder, Serving } from '../binary'
import { bodyOf, faultsOf } from './answers'
import { ApiDocument } from './document'
import { Known } from './known'
import { plans, type Request, requestOf } from './requests'
import { curlLine, type Reply, send } from './send'
import { guess, type Sender, Senders, strangers } from './senders'
import { differences, type Kept, rowsOf } from './state'

const BATCH = 250
const AT_ONCE = 16
/** Passwords of nobody are tried in one of so many requests: each costs the server tens of milliseconds. */
const GUESS_EVERY = 500
/** The memory of the server at the end, of what it was after the first third: so many times, and so many bytes more. */
const GROWTH = { times: 1.5, bytes: 150 * 1024 ** 2 }
/** Small limits, so that they are met. */
const FLAGS = ['--max-body', '256KiB', '--max-import', '1MiB', '--max-entries', '200', '--log-level', 'error']
const SAME_SEED = 'with the same seed'
const FIXTURES = resolve(import.meta.dir, '../../fixtures')

export interface Finding {
  /** What is wrong, where. */
  fault: string
  times: number
  /** The line that repeats the first of them. */
  curl: string
}

export interface Fuzzed {
  requests: number
  seconds: number
  statuses: Record<string, number>
  /** Operations of the document that were answered with success at least once, and how many there are. */
  reached: { operations: number; of: number; missed: string[] }
  /** Resident, in bytes: after the first third, and at the end. */
  memory: { before: number; after: number }
  findings: Finding[]
}

/** Who asks in a part of the run, and what must be the same after it. */
interface Part {
  share: number
  senders: (users: Sender[]) => Sender[]
  keeps?: Kept
  who: string
}

const roleIs = (test: (role: string) => boolean) => (users: Sender[]) =>
  users.filter(({ role = '' }) => test(role))

const partsOf = (document: ApiDocument): Part[] => [
  { share: 0.5, senders: roleIs((role) => role === 'administrator'), who: 'administrators' },
  { share: 0.2, senders: () => strangers(document), keeps: 'all', who: 'nobody' },
  { share: 0.1, senders: roleIs((role) => role === 'reader'), keeps: 'all', who: 'readers' },
  // Who has made nothing yet may change nothing of what is there.
  { share: 0.1, senders: roleIs((role) => role === 'reporter'), keeps: 'results', who: 'reporters' },
  {
    share: 0.1,
    senders: roleIs((role) => role !== 'administrator'),
    keeps: 'users',
    who: 'others than administrators',
  },
  { share: 0.1, senders: (users) => [...users, ...strangers(document)], who: 'everybody' },
]

export async function fuzz(folder: Folder, requests: number, seed: number): Promise<Fuzzed> {
  await folder.setUp()
  await using server = await folder.serve(FLAGS)
  const run = new Run(folder, server, await ApiDocument.of(server.origin), seed)
  const start = performance.now()
  const parts = await run.partsWithSenders()
  const shares = parts.reduce((sum, { share }) => sum + share, 0)
  for (const part of parts) await run.part(part, Math.ceil((requests * part.share) / shares), requests / 3)
  const seconds = (performance.now() - start) / 1000
  await run.end()
  return { ...run.result, seconds }
}

class Run {
  readonly result: Omit<Fuzzed, 'seconds'>
  private readonly known: Known
  private readonly senders: Senders
  private readonly plans: ReturnType<typeof plans>
  private readonly reached = new Set<string>()
  private readonly database: string
  private batches = 0

  constructor(
    private readonly folder: Folder,
    private readonly server: Serving,
    readonly document: ApiDocument,
    private readonly seed: number,
  ) {
    this.known = new Known(document)
    this.senders = new Senders(folder, server.origin, document)
    this.plans = plans(document, filesOfAvocado())
    this.database = join(folder.path, 'avocadoserver.sqlite')
    const reached = { operations: 0, of: document.operations.length, missed: [] }
    this.result = { requests: 0, statuses: {}, reached, memory: { before: 0, after: 0 }, findings: [] }
  }

  /** Without those for roles that the server has not. */
  async partsWithSenders(): Promise<Part[]> {
    const users = await this.senders.users()
    return partsOf(this.document).filter(({ senders }) => senders(users).length > 0)
  }

  async part({ senders, keeps, who }: Part, requests: number, warm: number): Promise<void> {
    let asking = senders(await this.senders.users())
    const before = keeps && rowsOf(this.database, keeps)
    for (let left = requests; left > 0; left -= BATCH) {
      const numRuns = Math.min(BATCH, left)
      const batch = fc.sample(this.plans, { numRuns, seed: this.seed + this.batches++ })
      if (!keeps) asking = senders(await this.senders.users()) // makes users where it must
      await this.sendAll(batch, asking)
      await this.lives()
      if (this.result.requests >= warm) this.result.memory.before ||= memoryOf(this.server)
    }
    if (!keeps || !before) return
    const changed = differences(before, rowsOf(this.database, keeps), keeps)
    if (changed.length > 0) this.found(`${who} changed what is in ${changed.join(', ')}`, SAME_SEED)
  }

  /** What holds at the end: it stops. */
  async end(): Promise<void> {
    const { memory, reached } = this.result
    memory.after = memoryOf(this.server)
    if (memory.after > memory.before * GROWTH.times + GROWTH.bytes) this.found('the memory grows', SAME_SEED)
    const exitCode = await this.server.stop()
    const said = await this.server.child.stderr.text()
    if (exitCode !== 0 || said !== '') this.found(`it ended with ${exitCode} and said ${said}`, SAME_SEED)
    const { code, stdout, stderr } = await this.folder.run(['check', '--files'])
    if (code !== 0) this.found(`check says ${stdout}${stderr}`, SAME_SEED)
    reached.operations = this.reached.size
    const names = this.document.operations.map(({ method, template }) => `${method} ${template}`)
    reached.missed = names.filter((name) => !this.reached.has(name))
  }

  private async sendAll(batch: Parameters<typeof requestOf>[0][], senders: Sender[]): Promise<void> {
    const left = batch[Symbol.iterator]()
    const worker = async () => {
      for (const plan of left) {
        const request = requestOf(plan, this.known)
        const isGuess = ++this.result.requests % GUESS_EVERY === 0
        const sender = isGuess ? guess : (senders[request.sender % senders.length] ?? guess)
        this.judge(request, await send(this.server.origin, request, sender.headers))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  private judge(request: Request, reply: Reply | undefined): void {
    const { method, template, target } = request
    const { statuses } = this.result
    const status = String(reply?.status ?? 'none')
    statuses[status] = (statuses[status] ?? 0) + 1
    for (const fault of faultsOf(this.document, request, reply)) {
      const where = `${method} ${template ?? this.document.templateOf(new URL(target, 'http://a').pathname) ?? '(other)'}`
      const kind = fault.replace(/\b[0-9a-f]{8}\b|\b\d{1,2}\b|\d{4,}/g, 'N')
      this.found(`${where}: ${kind}`, curlLine(this.server.origin, request))
    }
    if (!reply || template === undefined) return
    const path = new URL(target, 'http://a').pathname
    const namesOne = /\}\/?$/.test(template)
    if (reply.status === 404 && namesOne) this.known.forget(path)
    if (reply.status >= 300) return
    if (this.document.find(method, template)?.method !== method) return
    this.reached.add(`${method} ${template}`)
    if (method === 'DELETE') this.known.forget(path)
    else this.known.learn(path, template, bodyOf(reply), reply.headers.get('location'))
  }

  private async lives(): Promise<void> {
    const reply = await fetch(`${this.server.origin}/version/`).catch(() => undefined)
    if (reply?.status === 200) return
    throw new Error(`The server does not answer any more: ${await this.server.child.stderr.text()}`)
  }

  private found(fault: string, curl: string): void {
    const finding = this.result.findings.find((other) => other.fault === fault)
    if (finding) finding.times++
    else this.result.findings.push({ fault, times: 1, curl })
  }
}

/** Small ones, of every kind that an import may be; archives, which have most to go wrong in, as often as all else. */
function filesOfAvocado(): Uint8Array[] {
  const read = (pattern: string) =>
    [...new Glob(pattern).scanSync({ cwd: FIXTURES, dot: true })]
      .sort()
      .map((name) => readFileSync(join(FIXTURES, name)))
      .filter(({ length }) => length < 100_000)
  const [files, archives] = [read('**/{results.*,.journal.sqlite}'), read('**/*.zip')]
  return [...files, ...files.map((_, index) => archives[index % archives.length] as Buffer)]
}

/** Resident, in bytes. */
export function memoryOf({ child }: Serving): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024
}
