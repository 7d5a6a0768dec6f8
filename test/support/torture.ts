// A server that is killed at random moments under many writers, and what is there when it starts again.

import { Glob } from 'bun'
import type { Folder, Serving } from './binary'
import { Client, type Reply } from './client'
import { Truth } from './facts'
import { jobFacts } from './writers/jobs'
import { kinds } from './writers/kinds'
import type { Kind, Round, Step } from './writers/steps'

/** Jobs that many write to at once. */
const SHARED_JOBS = 4
/**
 * After so many acknowledged writes at most a round ends; the first one not before there were some of every kind. Not
 * after some time, in which a busy machine does little.
 */
const MAX_WRITES = 800
/** How often to look whether they are, in milliseconds. */
const LOOK_EVERY_MS = 5
/** How often to look, ten times a second, whether the sweep at the start has ended. */
const SWEEP_TRIES = 100

export interface Tortured {
  /** Writes that were acknowledged, by kind of writer and method. */
  acknowledged: Record<string, number>
  /** Writes that were under way when the server was killed. */
  unanswered: number
  /** Sentences about what was refused, lost, stored twice, there in spite of its deletion, or not sound. */
  faults: string[]
}

/** 64 of them. */
export const writers: [name: string, kind: Kind][] = Object.entries(kinds).flatMap(([name, kind]) =>
  Array.from({ length: kind.writers }, (): [string, Kind] => [name, kind]),
)

/** Kills the server `rounds` times with -9; each time, looks for all that it had acknowledged. */
export async function torture(folder: Folder, rounds: number): Promise<Tortured> {
  const tortured: Tortured = { acknowledged: {}, unanswered: 0, faults: [] }
  const told = (round: Round, faults: string[]) =>
    tortured.faults.push(...faults.map((fault) => `${round.word}: ${fault}`))
  await folder.setUp()
  const token = (await folder.run(['createtoken', '--user', 'admin'])).stdout.trim()
  let serving = await folder.serve()
  const administrator = () => new Client(serving.origin, { authorization: `Bearer ${token}` })
  const past: [Round, Truth][] = []
  for (let number = 0; number < rounds; number++) {
    const round: Round = { word: `r${number}x`, shared: [], secrets: new Map(), since: new Date() }
    const truth = new Truth()
    past.push([round, truth])
    await writeUntilKilled(serving, administrator(), round, truth, tortured)
    serving = await folder.serve()
    const [differences, check] = await Promise.all([
      examine(administrator(), round, truth),
      folder.run(['check', '--files']),
    ])
    told(round, differences)
    if (check.code !== 0) told(round, [`check says ${check.stdout}${check.stderr}`])
  }
  // The rounds after it have changed nothing.
  for (const [round, truth] of past) told(round, await examine(administrator(), round, truth))
  const named = new Set(past.flatMap(([, truth]) => truth.values))
  tortured.faults.push(...(await leftBehind(`${folder.database}.files`, named)))
  await serving.stop()
  return tortured
}

/** @returns a sentence for everything in which what a server shows of a round differs from what it should. */
async function examine(client: Client, round: Round, truth: Truth): Promise<string[]> {
  const stored = new Map<string, string>()
  const twice: string[] = []
  const note = (fact: string, value: unknown) => {
    if (stored.has(fact)) twice.push(`${fact} is there twice`)
    stored.set(fact, String(value))
  }
  for (const verify of new Set(Object.values(kinds).map(({ verify }) => verify)))
    await verify(client, round, note)
  return [...twice, ...truth.differences(stored)]
}

/**
 * Whatever is not the content of a file that is shown should have been swept, or soon be: each lies under its
 * fingerprint.
 */
async function leftBehind(store: string, named: Set<string>): Promise<string[]> {
  const look = () =>
    [...new Glob('??/*').scanSync(store)]
      .filter((path) => !named.has(path.replace('/', '')))
      .map((path) => `${path} is the content of no file`)
  for (let tries = 0; tries < SWEEP_TRIES && look().length > 0; tries++) await Bun.sleep(100)
  return look()
}

/** Lets all writers write at once until the server is killed; what it acknowledged is known to `truth` then. */
async function writeUntilKilled(
  serving: Serving,
  client: Client,
  round: Round,
  truth: Truth,
  tortured: Tortured,
): Promise<void> {
  for (let index = 0; index < SHARED_JOBS; index++) {
    const id = `${round.word}-shared-${index}`
    await client.post('/jobs/', { id, description: 'shared' })
    truth.holds({ makes: jobFacts(id, 'shared') })
    round.shared.push(id)
  }
  let isAlive = true
  let count = 0
  /** @returns undefined without an answer of success. */
  const take = async (name: string, step: Step): Promise<Reply | undefined> => {
    const reply = await send(client, step).catch(() => undefined)
    const note = (how: 'holds' | 'mayHold') => {
      for (const change of step.changes) truth[how](change)
    }
    if (!reply) {
      tortured.unanswered++
      note('mayHold')
    } else if (reply.status < 300) {
      count++
      const what = `${name}: ${step.method}`
      tortured.acknowledged[what] = (tortured.acknowledged[what] ?? 0) + 1
      note('holds')
      return reply
    } else tortured.faults.push(`${step.method} ${step.path}: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
  const write = async (writer: number, name: string, kind: Kind) => {
    for (let number = 0; isAlive; number++) {
      const id = `${round.word}-w${writer}-${number}`
      const shared = round.shared[writer % SHARED_JOBS] as string
      const story = kind.write({ id, deletes: number % 2 === 0, shared, round })
      for (let next = story.next(); !next.done; ) {
        const reply = isAlive ? await take(name, next.value) : undefined
        if (!reply) return
        next = story.next(reply)
      }
    }
  }
  const enough = Math.random() * MAX_WRITES
  const isDue = () =>
    count >= enough && Object.keys(kinds).every((name) => tortured.acknowledged[`${name}: POST`])
  const untilDue = async () => {
    while (isAlive && !isDue()) await Bun.sleep(LOOK_EVERY_MS)
  }
  const writing = Promise.all(writers.map(([name, kind], writer) => write(writer, name, kind)))
  await Promise.race([untilDue(), writing]) // these end by themselves where they are refused
  await Bun.sleep(Math.random() * LOOK_EVERY_MS)
  await serving.stop('SIGKILL')
  isAlive = false
  await writing
  round.until = new Date(Date.now() + 1)
}

/** @throws TypeError, or another one of fetch, when no answer comes. */
export function send(client: Client, { method, path, body, as }: Step, headers = {}): Promise<Reply> {
  const sender = (as ? new Client(client.origin, as) : client).with(headers)
  return typeof body === 'string' || body instanceof Uint8Array
    ? sender.request(method, path, { body: body as RequestInit['body'] })
    : sender.send(method, path, body)
}
