// A server that is killed at random moments under many writers, and what is there when it starts again.

import type { Folder } from './binary'
import { Client } from './client'
import { readFacts, Truth } from './facts'
import { type Kind, type Step, storyOf } from './stories'

const WRITERS = 64
/** Jobs that many write to at once. */
const SHARED_JOBS = 4
/** The server lives for so long in a round, in milliseconds: at least, and how much more at most. */
const LIFE_MS = { least: 40, more: 500 }
/** `avocado-server check` reads the whole database: after every so many rounds, and at the end. */
const CHECK_EVERY = 5

export interface Tortured {
  rounds: number
  /** Writes that were acknowledged. */
  acknowledged: Partial<Record<Kind, number>>
  /** Writes that were under way when the server was killed. */
  unanswered: number
  /** Sentences about what was lost, stored twice, there in spite of its deletion, or not sound. */
  faults: string[]
}

/** Kills the server `rounds` times with -9; each time, looks for all that it had acknowledged. */
export async function torture(folder: Folder, rounds: number): Promise<Tortured> {
  const tortured: Tortured = { rounds, acknowledged: {}, unanswered: 0, faults: [] }
  const truths: Truth[] = []
  const { faults } = tortured
  let serving = await folder.serve(['--open'])
  const examine = async (round: number) => {
    const { stored, faults: found } = await readFacts(new Client(serving.origin), wordOf(round))
    const differences = truths[round]?.differences(stored) ?? []
    faults.push(...[...found, ...differences].map((fault) => `round ${round}: ${fault}`))
  }
  for (let round = 0; round < rounds; round++) {
    const truth = new Truth()
    truths.push(truth)
    await writeUntilKilled(new Client(serving.origin), wordOf(round), truth, tortured, async () => {
      await Bun.sleep(LIFE_MS.least + Math.random() * LIFE_MS.more)
      await serving.stop('SIGKILL')
    })
    serving = await folder.serve(['--open'])
    await examine(round)
    if (round % CHECK_EVERY > 0 && round < rounds - 1) continue
    const { code, stdout, stderr } = await folder.run(['check'])
    if (code !== 0) faults.push(`round ${round}: check says ${stdout}${stderr}`)
  }
  for (let round = 0; round < rounds; round++) await examine(round) // the rounds after it have changed nothing
  await serving.stop()
  return tortured
}

/** By which the jobs of a round are found, and those of no other round. */
const wordOf = (round: number) => `r${round}x`

async function writeUntilKilled(
  client: Client,
  word: string,
  truth: Truth,
  tortured: Tortured,
  kill: () => Promise<void>,
): Promise<void> {
  const shared = Array.from({ length: SHARED_JOBS }, (_, index) => `${word}-shared-${index}`)
  for (const id of shared) {
    await client.post('/jobs/', { id, description: 'shared' })
    truth.holds({ makes: { [id]: 'shared' } })
  }
  let isAlive = true
  /** @returns whether there is an answer. */
  const take = async ({ kind, method, path, body, changes }: Step): Promise<boolean> => {
    const sending =
      typeof body === 'string' ? client.request(method, path, { body }) : client.send(method, path, body)
    const reply = await sending.catch(() => undefined)
    if (!reply) {
      tortured.unanswered++
      for (const change of changes) truth.mayHold(change)
    } else if (reply.status >= 300) {
      tortured.faults.push(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`)
    } else {
      tortured.acknowledged[kind] = (tortured.acknowledged[kind] ?? 0) + 1
      for (const change of changes) truth.holds(change)
    }
    return reply !== undefined
  }
  const write = async (writer: number) => {
    for (let turn = 0; ; turn++) {
      for (const step of storyOf(writer, turn, word, shared[writer % SHARED_JOBS] ?? '')) {
        if (!isAlive || !(await take(step))) return
      }
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer))
  await kill()
  isAlive = false
  await Promise.all(writers)
}
