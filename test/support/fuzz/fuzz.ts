// Requests of every kind to the compiled binary, by its own OpenAPI document; what was wrong with the answers.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'
import fc from 'fast-check'
import type { Folder, Serving } from '../binary'
import { makeCertificate } from '../certificate'
import { Client, OWN } from '../client'
import { untilAnalysed } from '../settled'
import { unaddressed } from './addresses'
import { bodyOf, faultsOf } from './answers'
import { MAX_MEMORY_BYTES, requestsBeyondBounds } from './bounds'
import { ApiDocument } from './document'
import { Known } from './known'
import { inOrder, TRIES } from './order'
import { type Part, parts } from './parts'
import { type Plan, plans, type Request, requestOf, sanePlan } from './requests'
import { curlLine, type Reply, send } from './send'
import { PASSWORD, type Sender, Senders } from './senders'
import { CERTIFICATE, faultsAt, forgedAmong, type Site, sites } from './sites'
import { auditSince, differences, rowsOf } from './state'

const BATCH = 250
const AT_ONCE = 16
/** Passwords of nobody are tried in one of so many requests: each costs the server tens of milliseconds. */
const GUESS_EVERY = 250
/** The memory of a server at its end, of what it was after its first third: so many times, and so many bytes more. */
const GROWTH = { times: 1.5, bytes: 150 * 1024 ** 2 }
/** Of fewer requests a single large one, or passwords that are checked just then, would count as growth. */
const MIN_REQUESTS_TO_GROW = 2000
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
  statuses: Record<string, number>
  /** Operations of the document that were answered with success at least once, and how many there are. */
  reached: { operations: number; of: number; missed: string[] }
  sites: Visited[]
  findings: Finding[]
}

/** What there is to tell of one kind of server. */
interface Visited {
  name: string
  requests: number
  seconds: number
  /** Resident, in bytes: after the first third, and at the end. */
  memory: { before: number; after: number }
}

/** A server of one kind, and who sends it requests. */
interface Visit {
  site: Site
  server: Serving
  senders: Senders
  visited: Visited
}

/**
 * The sites have one database, one after another. The first one is asked for everything once, as it should be.
 *
 * @param seeds  of what is sent then by chance: each decides its share of it.
 */
export async function fuzz(folder: Folder, requests: number, seeds: [number, ...number[]]): Promise<Fuzzed> {
  await folder.setUp()
  await makeCertificate(folder, CERTIFICATE)
  let run: Run | undefined
  for (const site of sites) {
    await using server = await folder.serve([...FLAGS, ...site.flags])
    run ??= new Run(folder, await ApiDocument.of(server.origin), seeds)
    await run.visit(site, server, requests * site.share)
  }
  if (!run) throw new Error('There are no sites.')
  return run.end()
}

class Run {
  private readonly result: Fuzzed
  private readonly known: Known
  private readonly files: Uint8Array[]
  private readonly plans: ReturnType<typeof plans>
  private readonly reached = new Set<string>()
  private batches = 0

  constructor(
    private readonly folder: Folder,
    private readonly document: ApiDocument,
    private readonly seeds: [number, ...number[]],
  ) {
    this.known = new Known(document)
    for (const field of ['password', 'current_password', 'new_password'])
      this.known.learnValue(field, PASSWORD)
    this.files = filesOfAvocado()
    this.plans = plans(document, this.files)
    const reached = { operations: 0, of: document.operations.length, missed: [] }
    this.result = { requests: 0, statuses: {}, reached, sites: [], findings: [] }
  }

  async visit(site: Site, server: Serving, requests: number): Promise<void> {
    const start = performance.now()
    const senders = new Senders(this.folder, server.origin, this.document, site.name.replaceAll(' ', '-'))
    const visited = { name: site.name, requests: 0, seconds: 0, memory: { before: 0, after: 0 } }
    this.result.sites.push(visited)
    const visit = { site, server, senders, visited }
    const { entries } = auditSince(this.folder.database, 0)
    const users = await senders.users()
    if (site.flags.length === 0) await this.everything(visit)
    // Without those for roles that the server has not.
    const possible = parts.filter(({ from }) => from(users, senders).length > 0)
    const shares = possible.reduce((sum, { share }) => sum + share, 0)
    for (const part of possible)
      await this.part(visit, part, Math.ceil((requests * part.share) / shares), requests / 3)
    if (site.flags.length === 0)
      await this.beyondBounds(
        visit,
        possible.flatMap(({ from }) => from(users, senders)),
      )
    await this.leave(visit)
    const forged = forgedAmong(site, auditSince(this.folder.database, entries).addresses)
    if (forged.length > 0) this.found(visit, `the audit log tells of ${forged.join(', ')}`, SAME_SEED)
    visited.seconds = (performance.now() - start) / 1000
  }

  private async part(
    visit: Visit,
    { from, keeps, who }: Part,
    requests: number,
    warm: number,
  ): Promise<void> {
    const { server, senders, visited } = visit
    const { database } = this.folder
    let asking = from(await senders.users(), senders)
    if (keeps) await this.analysed(visit)
    const before = keeps && rowsOf(database, keeps)
    const end = visited.requests + requests
    while (visited.requests < end) {
      const numRuns = Math.min(BATCH, end - visited.requests)
      const batch = fc.sample(this.plans, { numRuns, seed: this.nextSeed() })
      if (!keeps) asking = from(await senders.users(), senders) // makes users where it must
      await this.sendAll(visit, batch, asking, end)
      await this.lives(visit)
      if (await senders.outlived()) this.found(visit, 'a session outlives its password', SAME_SEED)
      if (visited.requests >= warm) visited.memory.before ||= memoryOf(server)
    }
    if (!keeps || !before) return
    await this.analysed(visit)
    const changed = differences(before, rowsOf(database, keeps), keeps)
    if (changed.length > 0) this.found(visit, `${who} changed what is in ${changed.join(', ')}`, SAME_SEED)
  }

  /** Waits until the server has derived what it derives from runs by itself: what changes from then on, somebody changed. */
  private async analysed({ server, senders }: Visit): Promise<void> {
    const administrator = (await senders.users()).find(({ role }) => role === 'administrator')
    if (!administrator) throw new Error('There is no administrator.')
    await untilAnalysed(new Client(server.origin, Object.fromEntries(administrator.headers)))
  }

  /** Each seed in its turn; later batches of one are others. */
  private nextSeed(): number {
    const batch = this.batches++
    const [first] = this.seeds
    return (this.seeds[batch % this.seeds.length] ?? first) + Math.floor(batch / this.seeds.length)
  }

  /** Each operation as the document describes it, until it succeeds: so chance has something of each kind to go on with. */
  private async everything(visit: Visit): Promise<void> {
    const { server, senders } = visit
    const [seed] = this.seeds
    let [sender] = await senders.users()
    for (let round = 0; round < TRIES; round++) {
      for (const operation of inOrder(this.document.operations)) {
        if (this.reached.has(`${operation.method} ${operation.template}`)) continue
        const [plan] = fc.sample(sanePlan(operation, this.files), { numRuns: 1, seed: seed + round })
        if (!sender || !plan) throw new Error('Nobody asks.')
        const request = requestOf(plan, this.known)
        const reply = await send(server.origin, request, sender.headers)
        this.judge(visit, request, sender, reply)
        if (reply?.status === 401) [sender] = await senders.users() // one of these has ended it
      }
    }
  }

  /** Too large, too deep, of too many parts: by somebody who may, and by nobody. */
  private async beyondBounds(visit: Visit, senders: Sender[]): Promise<void> {
    const { server, visited } = visit
    visited.memory.after = memoryOf(server) // of what goes on; these are looked at one by one
    const asking = [
      senders.find(({ role }) => role === 'administrator'),
      senders.find(({ role }) => role === undefined),
    ].filter((sender) => sender !== undefined)
    for (const request of requestsBeyondBounds(this.document, this.known)) {
      for (const sender of asking) {
        const before = memoryOf(server)
        const reply = await send(server.origin, request, sender.headers)
        this.judge(visit, request, sender, reply)
        if (memoryOf(server) > before + MAX_MEMORY_BYTES) {
          const where = `${request.method} ${request.template}`
          this.found(visit, `${where}: takes much memory`, curlLine(server.origin, request))
        }
      }
    }
    await this.lives(visit)
  }

  /** What holds at the end of a server: it stops. */
  private async leave(visit: Visit): Promise<void> {
    const { server } = visit
    const { memory } = visit.visited
    memory.after ||= memoryOf(server)
    const isGrown = memory.after > memory.before * GROWTH.times + GROWTH.bytes
    if (isGrown && visit.visited.requests >= MIN_REQUESTS_TO_GROW)
      this.found(visit, 'the memory grows', SAME_SEED)
    const exitCode = await server.stop()
    const said = await server.child.stderr.text()
    if (exitCode !== 0 || said !== '')
      this.found(visit, `it ended with ${exitCode} and said ${said}`, SAME_SEED)
    const { code, stdout, stderr } = await this.folder.run(['check', '--files'])
    if (code !== 0) this.found(visit, `check says ${stdout}${stderr}`, SAME_SEED)
  }

  end(): Fuzzed {
    const { reached } = this.result
    reached.operations = this.reached.size
    const names = this.document.operations.map(({ method, template }) => `${method} ${template}`)
    reached.missed = names.filter((name) => !this.reached.has(name))
    return this.result
  }

  /** @param end  how many requests there may be by then. */
  private async sendAll(visit: Visit, batch: Plan[], senders: Sender[], end: number): Promise<void> {
    const { server, visited } = visit
    const guessers = visit.senders.guessers()
    const left = batch[Symbol.iterator]()
    const ask = async (request: Request, sender: Sender) => {
      visited.requests++
      this.result.requests++
      this.judge(visit, request, sender, await send(server.origin, request, sender.headers))
    }
    const worker = async () => {
      for (const plan of left) {
        if (visited.requests >= end) return
        const request = requestOf(plan, this.known)
        const isGuess = this.result.requests % GUESS_EVERY === GUESS_EVERY - 1
        const asking = isGuess ? guessers : senders
        const sender = asking[request.sender % asking.length] ?? guessers[0]
        await ask(request, sender)
        // What one forges does not reach the next.
        const next = request.method === 'GET' && unaddressed(request)
        if (next) await ask(next, sender)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  private judge(visit: Visit, request: Request, sender: Sender, reply: Reply | undefined): void {
    const { site, server } = visit
    const { method, template, target } = request
    const { statuses } = this.result
    const status = String(reply?.status ?? 'none')
    statuses[status] = (statuses[status] ?? 0) + 1
    const faults = faultsOf(this.document, request, reply)
    if (reply) faults.push(...faultsAt(site, server.origin, this.document, { request, sender, reply }))
    for (const fault of faults) {
      const where = `${method} ${template ?? this.document.templateOf(new URL(target, 'http://a').pathname) ?? '(other)'}`
      const kind = fault.replace(/\b[0-9a-f]{8}\b|\b\d{1,2}\b|\d{4,}/g, 'N')
      this.found(visit, `${where}: ${kind}`, curlLine(server.origin, request))
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

  private async lives({ server }: Visit): Promise<void> {
    const reply = await fetch(`${server.origin}/version/`, OWN).catch(() => undefined)
    if (reply?.status === 200) return
    throw new Error(`The server does not answer any more: ${await server.child.stderr.text()}`)
  }

  private found({ site }: Visit, what: string, curl: string): void {
    const fault = `${site.name}: ${what}`
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
